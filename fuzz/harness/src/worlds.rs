//! Worlds by geometry: a world is made once for each geometry, and reused by every run that chooses
//! it.
//!
//! - Some settings, such as the size of a block, choose the geometry. [`Worlds`] names these
//!   settings, and makes the world. A world depends on no other setting; the rest of the header is
//!   for [`World::open`].
//! - A world keeps its memory between runs, but not its simulated disks: [`ByGeometry`] owns the
//!   disks of the run and lends them to the world of the run. Each other world has small disks of
//!   its own, to which nothing is written.
//! - The schedule of the disks is set when a run opens and before each operation, from the luck of
//!   the operation.

use downbeat_lsm::storage::{Layout, LayoutOptions};

use crate::disk::SimulatedDisk;
use crate::failure::Divergence;
use crate::model::encoding::{Header, Landmark, Operation};
use crate::run::Run;
use crate::target::World;

/// A world whose type is erased.
pub type AnyWorld<O> = Box<dyn World<Operation = O>>;

/// The worlds of a target, one for each geometry.
pub trait Worlds: 'static {
    /// The operations that the worlds apply.
    type Operation: Operation;
    /// The settings that make up a geometry.
    const GEOMETRY: &'static [usize];
    /// How many worlds are kept. The world of a further geometry replaces one of them.
    const KEPT: usize = 256;

    /// Makes the world of a geometry. All other settings of the header are at their plainest.
    fn make(geometry: &Header) -> AnyWorld<Self::Operation>;
}

/// The maximum number of simulated disks of a world.
const DISKS: usize = 2;

/// The sites of luck for the disks: during an operation, and while a run opens.
const LUCK_OF_OPERATION: u64 = 0;
const LUCK_OF_OPENING: u64 = 2;

/// The worlds of a target by geometry. One of them is current: the world of the run.
pub struct ByGeometry<W: Worlds> {
    worlds: Vec<(Header, AnyWorld<W::Operation>)>,
    current: usize,
    /// The place of the next new world once all places are taken.
    next: usize,
    /// The disks that were exchanged: the current world's own disks, while it has those of the run.
    disks: [SimulatedDisk; DISKS],
}

impl<W: Worlds> Default for ByGeometry<W> {
    fn default() -> Self {
        ByGeometry {
            worlds: Vec::new(),
            current: 0,
            next: 0,
            disks: [(); DISKS].map(|()| smallest()),
        }
    }
}

/// A disk that takes little memory.
fn smallest() -> SimulatedDisk {
    let options = LayoutOptions {
        sector_size: Layout::SECTOR_SIZE_MIN,
        block_size: Layout::BLOCK_SIZE_MIN,
        superblock_copies: 2,
        block_count: 1,
    };
    SimulatedDisk::new(Layout::new(options).expect("the smallest sizes are valid"))
}

impl<W: Worlds> ByGeometry<W> {
    #[inline]
    fn current(&mut self) -> &mut dyn World<Operation = W::Operation> {
        &mut *self.worlds[self.current].1
    }

    /// Returns the place of the world with this geometry. Makes the world if it is missing.
    fn place(&mut self, geometry: &Header) -> usize {
        if let Some(place) = self.worlds.iter().position(|(kept, _)| kept == geometry) {
            return place;
        }
        let made = (*geometry, W::make(geometry));
        if self.worlds.len() < W::KEPT {
            self.worlds.push(made);
            return self.worlds.len() - 1;
        }
        self.next = (self.next + 1) % W::KEPT;
        self.worlds[self.next] = made;
        self.next
    }

    /// Exchanges the disks of the current world, if there is one, with the other disks.
    fn exchange_disks(&mut self) {
        let Some((_, world)) = self.worlds.get_mut(self.current) else { return };
        for (number, disk) in self.disks.iter_mut().enumerate() {
            let Some(own) = world.disk(number) else { return };
            std::mem::swap(own, disk);
        }
    }

    /// Sets the schedules of the disks from now on. Each disk gets a different one.
    #[inline]
    fn set_schedule(&mut self, site: u64, run: &mut Run) {
        let world = self.current();
        let Some(disk) = world.disk(0) else { return };
        let schedule = run.luck(site);
        disk.set_schedule(schedule);
        if let Some(disk) = world.disk(1) {
            disk.set_schedule(!schedule);
        }
    }
}

impl<W: Worlds> World for ByGeometry<W> {
    type Operation = W::Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        let mut geometry = Header::PLAIN;
        for setting in W::GEOMETRY {
            geometry.choose(W::Operation::SETTINGS, *setting, header.index(*setting));
        }
        self.exchange_disks();
        self.current = self.place(&geometry);
        self.exchange_disks();
        let world = &mut self.worlds[self.current].1;
        for (number, own) in self.disks.iter().enumerate() {
            let Some(disk) = world.disk(number) else { break };
            disk.reset(*own.layout());
        }
        self.set_schedule(LUCK_OF_OPENING, run);
        self.current().open(header, run)
    }

    #[inline]
    fn apply(&mut self, operation: &W::Operation, run: &mut Run) -> Result<(), Divergence> {
        self.set_schedule(LUCK_OF_OPERATION, run);
        self.current().apply(operation, run)
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.set_schedule(LUCK_OF_OPERATION, run);
        self.current().close(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.current().sweep(run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.current().finish(run)
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        self.worlds[self.current].1.landmark(landmark)
    }

    fn describe(&self) -> Vec<String> {
        self.worlds.get(self.current).map(|(_, world)| world.describe()).unwrap_or_default()
    }
}

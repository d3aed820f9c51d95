//! Worlds by geometry: a world is made once for each geometry and reused by every run that chooses
//! the geometry, unless the target keeps no world.
//!
//! - The geometry is the choice of some settings, such as the size of a block. The target says
//!   which settings, and makes the world. A world may depend on no other setting of the header;
//!   [`World::open`] applies the other settings.
//! - A world that is replaced by that of another geometry may pass its memory on
//!   ([`World::renew`]).
//! - A world keeps its memory between runs, but not its simulated disks: [`ByGeometry`] has the
//!   disks of the run and lends them to the world of the run. The other worlds have disks of their
//!   own to which nothing is written.
//! - The schedules of the disks, which determine their random decisions, are set when a run opens
//!   and before each operation.

use downbeat_lsm::storage::{Layout, LayoutOptions};

use crate::check::Checked;
use crate::disk::SimulatedDisk;
use crate::input::encoding::{Header, Landmark, Operation};
use crate::run::Run;
use crate::target::{AnyWorld, Target, World};

/// The maximum number of simulated disks of a world.
const DISKS: usize = 2;

/// The sites of luck for the disks: during an operation, and while a run opens.
const LUCK_OF_OPERATION: u64 = 0;
const LUCK_OF_OPENING: u64 = 2;

/// The worlds of a target by geometry. One of them is current: the world of the run.
pub(crate) struct ByGeometry<T: Target> {
    worlds: Vec<(Header, AnyWorld<T::Operation>)>,
    current: usize,
    /// The index of the world that was replaced last; 0 at first.
    next: usize,
    /// The current world's own disks, while it uses the disks of the run. Before the first run: the
    /// disks of the run.
    disks: [SimulatedDisk; DISKS],
}

/// Returns a disk that takes little memory.
fn smallest() -> SimulatedDisk {
    let options = LayoutOptions {
        sector_size: Layout::SECTOR_SIZE_MIN,
        block_size: Layout::BLOCK_SIZE_MIN,
        superblock_copies: 2,
        block_count: 1,
    };
    SimulatedDisk::new(Layout::new(options).expect("the smallest sizes are valid"))
}

impl<T: Target> ByGeometry<T> {
    pub(crate) fn new() -> Self {
        let disks = [(); DISKS].map(|()| smallest());
        ByGeometry { worlds: Vec::new(), current: 0, next: 0, disks }
    }

    /// Returns the world of the run. A run must have been opened.
    #[inline]
    pub(crate) fn current(&mut self) -> &mut dyn World<Operation = T::Operation> {
        &mut *self.worlds[self.current].1
    }

    /// Returns the index of the world with this geometry. Makes the world if it is missing.
    fn place(&mut self, geometry: &Header) -> usize {
        if T::KEPT == 0 {
            self.worlds.clear();
        }
        if let Some(place) = self.worlds.iter().position(|(kept, _)| kept == geometry) {
            return place;
        }
        if self.worlds.len() < T::KEPT.max(1) {
            self.worlds.push((*geometry, T::world(geometry)));
            return self.worlds.len() - 1;
        }
        // The next world that can become this one, or else the next world.
        let oldest = self.next + 1;
        let mut renewed = (oldest..oldest + T::KEPT).map(|place| place % T::KEPT);
        self.next = match renewed.find(|place| self.worlds[*place].1.renew(geometry)) {
            Some(place) => place,
            None => {
                self.worlds[oldest % T::KEPT].1 = T::world(geometry);
                oldest % T::KEPT
            }
        };
        self.worlds[self.next].0 = *geometry;
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

    /// Opens the world of the geometry that the header chooses.
    pub(crate) fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        let mut geometry = if T::KEPT == 0 { *header } else { Header::PLAIN };
        for setting in T::GEOMETRY {
            geometry.choose(T::Operation::SETTINGS, *setting, header.index(*setting));
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
    pub(crate) fn apply(&mut self, operation: &T::Operation, run: &mut Run) -> Checked {
        self.set_schedule(LUCK_OF_OPERATION, run);
        self.current().apply(operation, run)
    }

    pub(crate) fn close(&mut self, run: &mut Run) -> Checked {
        self.set_schedule(LUCK_OF_OPERATION, run);
        self.current().close(run)
    }

    pub(crate) fn landmark(&self, landmark: Landmark) -> Option<u64> {
        self.worlds[self.current].1.landmark(landmark)
    }

    pub(crate) fn describe(&self) -> Vec<String> {
        self.worlds.get(self.current).map(|(_, world)| world.describe()).unwrap_or_default()
    }
}

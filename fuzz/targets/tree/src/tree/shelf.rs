//! The world: stores by geometry. The current one is as the header says, made anew unless it is there.
//!
//! What this does not do: it knows no operation.

use std::marker::PhantomData;

use downbeat_lsm::storage::{Layout, LayoutOptions};

use super::tested::AnyTested;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Landmark, Operation as _};
use downbeat::model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, ORDER, Operation,
    RECORD, USAGE,
};
use downbeat::records::{General16, General32, General128, Index16, Index32, Index128, Versioned};
use downbeat::run::Run;
use downbeat::target::World;

/// The settings that a store is made of.
const GEOMETRY: [usize; 12] =
    [RECORD, BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, AHEAD, IN_FLIGHT, USAGE, DEVICE];

/// Stores that are kept.
const KEPT: usize = 24;

/// What a header makes.
pub trait Kind: 'static {
    /// What is tested, of these records.
    fn make<R: Versioned>(header: &Header) -> Box<dyn AnyTested>;
}

/// Stores by geometry.
pub struct Shelf<K: Kind> {
    kind: PhantomData<K>,
    shelf: Vec<([usize; GEOMETRY.len()], Box<dyn AnyTested>)>,
    current: usize,
    /// The place that the next new store takes.
    next: usize,
    /// The disks of the stores that are not current.
    spare: [SimulatedDisk; 2],
    opened: Result<(), Divergence>,
}

/// A disk that takes little memory.
pub(crate) fn smallest() -> SimulatedDisk {
    let options = LayoutOptions {
        sector_size: Layout::SECTOR_SIZE_MIN,
        block_size: Layout::BLOCK_SIZE_MIN,
        superblock_copies: 2,
        block_count: 1,
    };
    SimulatedDisk::new(Layout::new(options).expect("the smallest of all sizes can be"))
}

fn make<K: Kind>(header: &Header) -> Box<dyn AnyTested> {
    let record = header.number(Operation::SETTINGS, RECORD);
    match (header.index(USAGE), record) {
        (0, 16) => K::make::<General16>(header),
        (0, 32) => K::make::<General32>(header),
        (0, _) => K::make::<General128>(header),
        (_, 16) => K::make::<Index16>(header),
        (_, 32) => K::make::<Index32>(header),
        (_, _) => K::make::<Index128>(header),
    }
}

impl<K: Kind> World for Shelf<K> {
    type Operation = Operation;

    fn new() -> Self {
        Shelf {
            kind: PhantomData,
            shelf: Vec::new(),
            current: 0,
            next: 0,
            spare: [smallest(), smallest()],
            opened: Ok(()),
        }
    }

    fn open(&mut self, header: &Header, run: &mut Run) {
        if let Some((_, before)) = self.shelf.get_mut(self.current) {
            before.swap_disks(&mut self.spare);
        }
        let geometry = GEOMETRY.map(|setting| header.index(setting));
        let place = self.shelf.iter().position(|(other, _)| *other == geometry);
        self.current = match place {
            Some(place) => place,
            None if self.shelf.len() < KEPT => {
                self.shelf.push((geometry, make::<K>(header)));
                self.shelf.len() - 1
            }
            None => {
                self.next = (self.next + 1) % KEPT;
                self.shelf[self.next] = (geometry, make::<K>(header));
                self.next
            }
        };
        let tested = &mut self.shelf[self.current].1;
        tested.swap_disks(&mut self.spare);
        tested.set_chance(Some(Order::ALL[header.index(ORDER)]), run.luck(2));
        self.opened = tested.open_run(header, run);
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let tested = &mut self.shelf[self.current].1;
        tested.set_chance(None, run.luck(0));
        tested.apply(operation, run)
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        self.shelf[self.current].1.landmark(landmark)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let tested = &mut self.shelf[self.current].1;
        tested.set_chance(None, run.luck(0));
        tested.finish(run)
    }

    fn describe(&self) -> Vec<String> {
        self.shelf.get(self.current).map(|(_, tested)| tested.describe()).unwrap_or_default()
    }
}

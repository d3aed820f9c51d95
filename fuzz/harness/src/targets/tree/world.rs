//! The world: a store of the kind that the header says, made anew unless the one before was alike.

use downbeat_lsm::storage::{Layout, LayoutOptions};

use super::tested::{AnyTested, Tested};
use crate::disk::{Order, SimulatedDisk};
use crate::failure::Divergence;
use crate::model::encoding::{Header, Operation as _};
use crate::model::tree::{
    AHEAD, BAR, BATCH, BLOCK, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, ORDER, Operation, RECORD,
    USAGE,
};
use crate::run::Run;
use crate::target::World;
use crate::targets::records::{
    General16, General32, General128, Index16, Index32, Index128, Versioned,
};

/// The settings that a store is made of.
const GEOMETRY: [usize; 11] =
    [RECORD, BLOCK, BATCH, BAR, GROWTH, LEVELS, INTERVAL, CACHE, AHEAD, IN_FLIGHT, USAGE];

/// Stores that are kept.
const KEPT: usize = 24;

/// Stores by geometry.
pub struct TreeWorld {
    shelf: Vec<([usize; GEOMETRY.len()], Box<dyn AnyTested>)>,
    current: usize,
    /// The place that the next new store takes.
    next: usize,
    /// The disk of the stores that are not current.
    spare: SimulatedDisk,
    opened: Result<(), Divergence>,
}

impl std::fmt::Debug for TreeWorld {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TreeWorld").finish_non_exhaustive()
    }
}

fn smallest() -> SimulatedDisk {
    let options = LayoutOptions {
        sector_size: Layout::SECTOR_SIZE_MIN,
        block_size: Layout::BLOCK_SIZE_MIN,
        superblock_copies: 2,
        block_count: 1,
    };
    SimulatedDisk::new(Layout::new(options).expect("the smallest of all sizes can be"))
}

fn tested<R: Versioned>(header: &Header) -> Box<dyn AnyTested> {
    Box::new(Tested::<R>::new(header, smallest()))
}

fn make(header: &Header) -> Box<dyn AnyTested> {
    let record = header.number(Operation::SETTINGS, RECORD);
    match (header.index(USAGE), record) {
        (0, 16) => tested::<General16>(header),
        (0, 32) => tested::<General32>(header),
        (0, _) => tested::<General128>(header),
        (_, 16) => tested::<Index16>(header),
        (_, 32) => tested::<Index32>(header),
        (_, _) => tested::<Index128>(header),
    }
}

impl World for TreeWorld {
    type Operation = Operation;

    fn new() -> Self {
        TreeWorld { shelf: Vec::new(), current: 0, next: 0, spare: smallest(), opened: Ok(()) }
    }

    fn open(&mut self, header: &Header, run: &mut Run) {
        if let Some((_, before)) = self.shelf.get_mut(self.current) {
            std::mem::swap(before.disk(), &mut self.spare);
        }
        let geometry = GEOMETRY.map(|setting| header.index(setting));
        let place = self.shelf.iter().position(|(other, _)| *other == geometry);
        self.current = match place {
            Some(place) => place,
            None if self.shelf.len() < KEPT => {
                self.shelf.push((geometry, make(header)));
                self.shelf.len() - 1
            }
            None => {
                self.next = (self.next + 1) % KEPT;
                self.shelf[self.next] = (geometry, make(header));
                self.next
            }
        };
        let tested = &mut self.shelf[self.current].1;
        let layout = *tested.disk().layout();
        std::mem::swap(tested.disk(), &mut self.spare);
        let disk = tested.disk();
        disk.reset(layout);
        disk.set_order(Order::ALL[header.index(ORDER)]);
        disk.set_schedule(run.luck(2));
        self.opened = tested.open_run(run);
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let schedule = run.luck(0);
        let tested = &mut self.shelf[self.current].1;
        tested.disk().set_schedule(schedule);
        tested.apply(operation, run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let schedule = run.luck(0);
        let tested = &mut self.shelf[self.current].1;
        tested.disk().set_schedule(schedule);
        tested.finish(run)
    }

    fn describe(&self) -> Vec<String> {
        self.shelf.get(self.current).map(|(_, tested)| tested.describe()).unwrap_or_default()
    }
}

//! The world: a store for each geometry, and what operations mean.
//!
//! Rules, each part of what an input means:
//!
//! * Blocks are chosen by number among those that are there, going round.
//! * Where there is no room, eight blocks are released and a checkpoint is made durable; where there is no
//!   block, one is written; after a failure of the disk, whatever writes opens the store anew instead.
//! * When the power goes, the operation at hand ends, and the store is opened again.

use downbeat_lsm::grid::Caching;

use super::tested::Tested;
use crate::store::{self, BlockStore, FAULT_KINDS};
use downbeat::check::fail;
use downbeat::disk::{Armed, Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::grid::{
    BLOCK, BLOCKS, CACHE_SETS, COPIES, Cache, FAULTS, IN_FLIGHT, ORDER, Operation, PRIVATE, SECTOR,
};
use downbeat::model::store::Store;
use downbeat::run::Run;
use downbeat::target::World;

/// The settings that make a geometry.
const GEOMETRY: [usize; 7] = [SECTOR, BLOCK, BLOCKS, COPIES, CACHE_SETS, PRIVATE, IN_FLIGHT];

/// Stores by geometry.
#[derive(Debug)]
pub struct GridWorld {
    /// One place for each geometry.
    shelf: Vec<Option<Box<Tested>>>,
    current: usize,
    /// Disk and model of the stores that are not current: one of each for each would take too much memory.
    spare: (SimulatedDisk, Store),
    /// What went wrong when the run was opened.
    opened: Result<(), Divergence>,
}

impl World for GridWorld {
    type Operation = Operation;

    fn new() -> Self {
        GridWorld { shelf: Vec::new(), current: 0, spare: BlockStore::spare(), opened: Ok(()) }
    }

    fn open(&mut self, header: &Header, run: &mut Run) {
        if let Some(Some(before)) = self.shelf.get_mut(self.current) {
            before.store.swap(&mut self.spare);
        }
        self.current = GEOMETRY.iter().fold(0, |place, setting| {
            place * Operation::SETTINGS[*setting].choices.count() + header.index(*setting)
        });
        if self.shelf.len() <= self.current {
            self.shelf.resize_with(self.current + 1, || None);
        }
        let tested = self.shelf[self.current].get_or_insert_with(|| Box::new(Tested::new(header)));
        tested.store.swap(&mut self.spare);
        self.opened = tested.open_run(header, run);
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let tested = self.tested();
        let schedule = run.luck(0);
        tested.store.disk().set_schedule(schedule);
        tested.apply(operation, run)?;
        store::after_io(tested, run)?;
        if tested.store.is_down() {
            store::recover(tested, run)?;
        }
        let operations = run.tally().operations;
        if operations >= 8 && operations.is_power_of_two() {
            tested.store.check_account()?;
            tested.check_held(run)?;
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        std::mem::replace(&mut self.opened, Ok(()))?;
        let tested = self.tested();
        let schedule = run.luck(0);
        tested.store.disk().set_schedule(schedule);
        tested.finish(run)
    }

    fn describe(&self) -> Vec<String> {
        let tested = self.shelf.get(self.current).and_then(Option::as_deref);
        tested.map(Tested::describe).unwrap_or_default()
    }
}

impl GridWorld {
    #[inline]
    fn tested(&mut self) -> &mut Tested {
        self.shelf[self.current].as_deref_mut().expect("a run was opened")
    }
}

impl Tested {
    fn open_run(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.stamp = 0;
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Write { count, size } => self.write(count.get(), size.get(), run),
            Operation::WriteInTurn { first, second } => {
                self.write_in_turn(first.get(), second.get(), run)
            }
            Operation::Read { block, caching: cache } => {
                self.read(block.get(), caching(cache), run)
            }
            Operation::Ask { block, count, caching: cache } => {
                self.ask(block.get(), count.get(), caching(cache), run)
            }
            Operation::Forget { index } => self.forget(index.get(), run),
            Operation::Hold { block } => self.hold(block.get(), run),
            Operation::LetGo { index } => self.let_go(index.get(), run),
            Operation::ReadOld { index } => self.read_old(index.get(), run),
            Operation::Step { count } => {
                store::step(self, u64::from(count.get()), run).map(|done| {
                    if done == 0 {
                        run.idle();
                    }
                })
            }
            Operation::Settle => {
                if self.store.grid.is_idle() {
                    run.idle();
                }
                store::settle(self, run)
            }
            Operation::Release { block, count } => self.release(block.get(), count.get(), run),
            Operation::ReleaseEach { step } => self.release_each(step.get(), run),
            Operation::Checkpoint => {
                if self.cannot_write(run)? {
                    Ok(())
                } else {
                    store::checkpoint(self, run)
                }
            }
            Operation::Durable => {
                if self.cannot_write(run)? {
                    Ok(())
                } else {
                    store::durable(self, run)
                }
            }
            Operation::CrashAtCheckpoint { io } => {
                if self.cannot_write(run)? {
                    Ok(())
                } else {
                    store::checkpoint_with_power_loss(self, io.get(), run)
                }
            }
            Operation::Crash { io } => store::crash(self, io.get(), run),
            Operation::Reopen => store::recover(self, run),
            Operation::Fault { kind, io } => {
                let kind = FAULT_KINDS[kind.get() as usize % FAULT_KINDS.len()];
                let nth = u64::from(io.get()) + 1;
                self.store.disk().arm(Armed { kind, access: None, nth });
                Ok(())
            }
            Operation::Fill { left } => self.fill(left.get(), run),
            Operation::Flush => self.flush(run),
        }
    }

    fn flush(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.cannot_write(run)? {
            return Ok(());
        }
        if self.store.grid.is_flushing() {
            run.redirected(|| "settle".to_owned());
            return store::settle(self, run);
        }
        run.step();
        self.store.grid.flush().map_err(|error| {
            let failed = fail("flush-is-accepted", "a flush", error);
            failed.saying("a flush is refused without a reason")
        })
    }
}

fn caching(cache: Cache) -> Caching {
    if cache.get() == 0 { Caching::Use } else { Caching::Bypass }
}

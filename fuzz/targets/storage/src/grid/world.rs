//! The worlds: a store for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * Blocks are chosen by number, modulo the number of blocks.
//! * Without room, eight blocks are released and a checkpoint is made durable. If there is no
//!   block, one is written. After a failure of the disk, an operation that writes opens the store
//!   again instead.
//! * If power is lost, the operation ends, and the store is opened again.

use downbeat_lsm::grid::Caching;

use super::Grid;
use super::tested::Tested;
use crate::store::{self, FAULT_KINDS};
use downbeat::disk::{Armed, Order, SimulatedDisk};
use downbeat::failure::Divergence;
use downbeat::model::encoding::Header;
use downbeat::model::grid::{
    BLOCK, BLOCKS, CACHE_SETS, COPIES, Cache, FAULTS, IN_FLIGHT, ORDER, Operation, PRIVATE, SECTOR,
};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for Grid {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] =
        &[SECTOR, BLOCK, BLOCKS, COPIES, CACHE_SETS, PRIVATE, IN_FLIGHT];

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(Tested::new(geometry))
    }
}

impl World for Tested {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.stamp = 0;
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.apply_one(operation, run)?;
        store::after_io(self, run)?;
        if self.store.is_down() {
            store::recover(self, run)?;
        }
        Ok(())
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.store.disk().disarm_all();
        store::settle(self, run)
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.store.check_account()?;
        self.check_held(run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.finish_run(run)
    }

    fn describe(&self) -> Vec<String> {
        let mut lines = vec![self.words()];
        lines.extend(self.store.describe());
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.disk())
    }
}

impl Tested {
    fn apply_one(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
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
}

fn caching(cache: Cache) -> Caching {
    if cache.get() == 0 { Caching::Use } else { Caching::Bypass }
}

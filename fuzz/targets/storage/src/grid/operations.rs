//! What each operation does.
//!
//! Rules that define what an input means:
//!
//! * Operations choose blocks by number, modulo the number of blocks.
//! * If too few blocks are free, an operation releases eight blocks, writes a checkpoint and makes
//!   it durable instead. An operation that needs a block writes one instead if there is none.
//!   After a failure of the disk, an operation that writes opens the store again instead.
//! * If power is lost, the operation ends, and the store is opened again.

use downbeat_lsm::grid::Caching;

use super::tested::Tested;
use crate::store;
use downbeat::{Checked, Run};
use downbeat_model::grid::{Cache, Operation};

impl Tested {
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let writes = matches!(
            operation,
            Operation::Write { .. }
                | Operation::WriteInTurn { .. }
                | Operation::Fill { .. }
                | Operation::Flush
                | Operation::Checkpoint
                | Operation::Durable
                | Operation::CrashAtCheckpoint { .. }
        );
        if writes && self.cannot_write(run)? {
            return Ok(());
        }
        match *operation {
            Operation::Write { count, size } => self.write(&[count.get()], size.get(), run),
            Operation::WriteInTurn { first, second } => {
                self.write(&[first.get(), second.get()], 60, run)
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
                let done = store::step(self, u64::from(count.get()), run)?;
                run.idle_if(done == 0);
                Ok(())
            }
            Operation::Settle => {
                run.idle_if(self.store.grid.is_idle());
                store::settle(self, run)
            }
            Operation::Release { block, count } => self.release(block.get(), count.get(), 1, run),
            Operation::ReleaseEach { step } => self.release(0, u32::MAX, step.get(), run),
            Operation::Checkpoint => store::checkpoint(self, run),
            Operation::Durable => store::durable(self, run),
            Operation::CrashAtCheckpoint { io } => {
                store::checkpoint_with_power_loss(self, io.get(), run)
            }
            Operation::Crash { io } => store::crash(self, io.get(), run),
            Operation::Reopen => store::recover(self, run),
            Operation::Fault { kind, io } => {
                self.store.arm_fault(kind.get(), io.get());
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

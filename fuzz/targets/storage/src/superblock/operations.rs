//! What each operation does.
//!
//! Impossible operations become others: without faults, damage becomes a step and an armed fault a
//! loss of power; a copy that has no older content to revert to is damaged.

use super::checkpoint::SHAPE;
use super::store::{Interrupted, Store};
use downbeat::{Checked, Run};
use downbeat_model::superblock::Operation;

impl Store {
    #[inline]
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Operation::Checkpoint { shape, beats } => {
                self.checkpoint(beats.get(), shape.get(), run)
            }
            Operation::Begin { shape, beats } => self.begin(beats.get(), shape.get(), run),
            Operation::Step { count } => self.step_or_begin(u64::from(count.get()), run),
            Operation::Crash { io, times } => self.crash(io.get(), times.get(), run),
            Operation::CrashAt { io, shape } => {
                self.begin(1, shape.get(), run)?;
                self.steps(io.get(), run)?;
                self.crash(0, 0, run)
            }
            Operation::Restart { io, times } => {
                self.open_again(Interrupted::Restarted, io.get(), times.get(), run)
            }
            Operation::Reopen => self.reopen(run),
            Operation::Arm { fault, nth, access } => {
                self.arm(fault, nth, access, run);
                Ok(())
            }
            Operation::Damage { copy, damage } => self.damage(copy, damage, run),
            Operation::Misplace { copy, from } => self.misplace(copy, from, run),
            Operation::Revert { copy, age } => self.revert(copy, age, run),
            Operation::CrashEverywhere { shape } => self.crash_everywhere(shape.get(), run),
            Operation::Checkpoints { count } => {
                (0..count.get()).try_for_each(|_| self.checkpoint(1, SHAPE, run))
            }
            Operation::Format { io } => self.format_over(io.get(), run),
        }
    }
}

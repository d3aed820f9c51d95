//! What each operation does.
//!
//! Rules that define what an input means:
//!
//! * Operations choose tables by number, modulo the number of live tables.
//! * An operation that appends begins a half-bar if none is under way, and waits until it may
//!   append. If the half-bar cannot take the entries, it ends and the next begins. If the device
//!   has too few free blocks for a half-bar, two checkpoints are written and made durable.
//! * A change or a removal inserts a table if there is none. An insertion removes a table if the
//!   number of tables is at its maximum.
//! * After a failure of the disk or the log, an operation that needs them opens the store again
//!   instead.
//! * If power is lost, the operation ends, and the store is opened again.

use super::tested::Tested;
use downbeat::disk::{Armed, FaultKind};
use downbeat::{Checked, Run};
use downbeat_model::manifest_log::{Operation, Operation::*};
use downbeat_storage_targets::store;

impl Tested {
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Insert { count, tree, level, keys } => {
                self.insert(count.get(), tree.get(), level.get(), keys.get(), run)
            }
            Update { table, count, change } => {
                self.update(table.get(), count.get(), change.get(), run)
            }
            Remove { table, count, address } => {
                self.remove(table.get(), count.get(), address.get() == 1, run)
            }
            Replace { table, count, keys } => {
                self.replace(table.get(), count.get(), keys.get(), run)
            }
            Again { table, count } => self.again(table.get(), count.get(), run),
            End => self.half_bars(1, run),
            Begin => self.begin(run),
            HalfBars { count } => self.half_bars(count.get(), run),
            Fill { left } => self.fill(left.get(), run),
            FillHalfBars { count } => self.fill_half_bars(count.get(), run),
            Step { count } => {
                for number in 0..count.get() {
                    if store::step(self, 1, run)? == 0 {
                        run.idle_if(number == 0);
                        break;
                    }
                    self.advance(run)?;
                }
                Ok(())
            }
            Settle => {
                run.idle_if(self.store.grid.is_idle());
                store::settle(self, run)?;
                self.advance(run).map(drop)
            }
            Checkpoint => {
                if self.end_for_checkpoint(run)? {
                    store::checkpoint(self, run)?;
                }
                Ok(())
            }
            Durable => {
                if self.end_for_checkpoint(run)? {
                    store::durable(self, run)?;
                }
                Ok(())
            }
            CrashAtCheckpoint { io } => {
                if self.end_for_checkpoint(run)? {
                    store::checkpoint_with_power_loss(self, io.get(), run)?;
                }
                Ok(())
            }
            Crash { io } => store::crash(self, io.get(), run),
            PowerLoss { io } => {
                let nth = u64::from(io.get()) + 1;
                self.store.disk().arm(Armed { kind: FaultKind::PowerLoss, access: None, nth });
                Ok(())
            }
            Reopen => store::recover(self, run),
            Fault { kind, io } => {
                self.store.arm_fault(kind.get(), io.get());
                Ok(())
            }
            Hold { count } => self.hold(count.get() as usize, run),
            LetGo => {
                run.idle_if(self.held.is_empty());
                self.give_all();
                Ok(())
            }
        }
    }
}

//! The worlds: a log for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * Tables are chosen by number among those that are live, going round.
//! * An operation that appends begins a half-bar if there is none, and waits for it. Where a
//!   half-bar has no room left, it ends and the next begins; where the device has none, two
//!   checkpoints are made durable.
//! * Without a table, one is inserted; with too many, one is removed. After a failure of the disk
//!   or the log, an operation that needs them opens the store anew instead.
//! * When the power goes, the operation ends, and the store is opened again.

use super::tested::Tested;
use downbeat::disk::{Armed, FaultKind, Order, SimulatedDisk};
use downbeat::model::encoding::Header;
use downbeat::model::manifest_log::{FAULTS, ORDER, Operation};
use downbeat::{Checked, Run, World};
use downbeat_storage_targets::store;

impl World for Tested {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.stamp = 0;
        // What the run before counted does not belong to this one.
        self.log.reset();
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)?;
        self.check_pace()
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.apply_one(operation, run)?;
        store::after_io(self, run)?;
        if self.store.is_down() {
            store::recover(self, run)?;
        }
        Ok(())
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.close_run(run)
    }

    fn sweep(&mut self, _run: &mut Run) -> Checked {
        self.sweep_all()
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.finish_run(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.disk())
    }
}

impl Tested {
    fn apply_one(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Operation::Insert { count, tree, level, keys } => {
                self.insert(count.get(), tree.get(), level.get(), keys.get(), run)
            }
            Operation::Update { table, count, change } => {
                self.update(table.get(), count.get(), change.get(), run)
            }
            Operation::Remove { table, count, address } => {
                self.remove(table.get(), count.get(), address.get() == 1, run)
            }
            Operation::Replace { table, count, keys } => {
                self.replace(table.get(), count.get(), keys.get(), run)
            }
            Operation::Again { table, count } => self.again(table.get(), count.get(), run),
            Operation::End => self.half_bars(1, run),
            Operation::Begin => self.begin(run),
            Operation::HalfBars { count } => self.half_bars(count.get(), run),
            Operation::Fill { left } => self.fill(left.get(), run),
            Operation::FillHalfBars { count } => self.fill_half_bars(count.get(), run),
            Operation::Step { count } => {
                for number in 0..count.get() {
                    if store::step(self, 1, run)? == 0 {
                        if number == 0 {
                            run.idle();
                        }
                        break;
                    }
                    self.advance(run)?;
                }
                Ok(())
            }
            Operation::Settle => {
                if self.store.grid.is_idle() {
                    run.idle();
                }
                store::settle(self, run)?;
                self.advance(run).map(drop)
            }
            Operation::Checkpoint => {
                if self.end_for_checkpoint(run)? {
                    store::checkpoint(self, run)?;
                }
                Ok(())
            }
            Operation::Durable => {
                if self.end_for_checkpoint(run)? {
                    store::durable(self, run)?;
                }
                Ok(())
            }
            Operation::CrashAtCheckpoint { io } => {
                if self.end_for_checkpoint(run)? {
                    store::checkpoint_with_power_loss(self, io.get(), run)?;
                }
                Ok(())
            }
            Operation::Crash { io } => store::crash(self, io.get(), run),
            Operation::PowerLoss { io } => {
                let nth = u64::from(io.get()) + 1;
                self.store.disk().arm(Armed { kind: FaultKind::PowerLoss, access: None, nth });
                Ok(())
            }
            Operation::Reopen => store::recover(self, run),
            Operation::Fault { kind, io } => {
                self.store.arm_fault(kind.get(), io.get());
                Ok(())
            }
            Operation::Hold { count } => {
                self.hold(count.get() as usize, run);
                Ok(())
            }
            Operation::LetGo => {
                if self.held.is_empty() {
                    run.idle();
                }
                self.give_all();
                Ok(())
            }
        }
    }
}

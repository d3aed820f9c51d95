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

use super::events;
use super::tested::Tested;
use downbeat::disk::{Armed, FaultKind, Order, SimulatedDisk};
use downbeat::model::encoding::Header;
use downbeat::model::manifest_log::{FAULTS, Live, ORDER, Operation, Operation::*};
use downbeat::{Checked, Run, World};
use downbeat_storage_targets::store::{self, Tenant as _};

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

    /// Ends the half-bar, writes a checkpoint, and waits for all I/O.
    fn close(&mut self, run: &mut Run) -> Checked {
        self.store.disk().disarm_all();
        self.give_all();
        if self.end_for_checkpoint(run)? {
            store::checkpoint(self, run)?;
        }
        store::settle(self, run)
    }

    /// Compares the log, the account of blocks and the memory, unless something failed.
    fn sweep(&mut self, _run: &mut Run) -> Checked {
        if self.log.failed().is_some() || self.store.grid.failed().is_some() {
            return Ok(());
        }
        self.store.check_memory(0)?;
        self.check_log()?;
        self.store.check_account()
    }

    /// Opens the log again, perhaps after a crash, and counts what it and the disk say.
    fn finish(&mut self, run: &mut Run) -> Checked {
        if run.luck(1).is_multiple_of(2) {
            self.store.disk().lose_power();
        }
        store::recover(self, run)?;
        store::settle(self, run)?;
        self.store.check_memory(0)?;
        self.harvest(run);
        let disk = self.store.grid.storage();
        events::disk(disk.counts()).count(run);
        run.device_operations(disk.completed());
        Ok(())
    }

    fn describe(&self) -> Vec<String> {
        let closed: Vec<u64> = self.model.closed().iter().map(|block| block.address).collect();
        let mut lines = vec![self.under_way(), format!("{:?}", self.log.pace())];
        lines.push(format!("closed blocks: {closed:?}"));
        lines.push(format!("open block: {:?}", self.model.open()));
        for Live { entry, block, place } in self.model.live() {
            lines.push(format!("entry {place} of block {block}: {entry:?}"));
        }
        lines.extend(self.store.describe());
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.disk())
    }
}

impl Tested {
    fn apply_one(&mut self, operation: &Operation, run: &mut Run) -> Checked {
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

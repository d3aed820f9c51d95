//! The world: a log in a store, opened for a run, compared and closed.

use super::events;
use super::tested::Tested;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Run, World};
use downbeat_model::manifest_log::{FAULTS, Live, ORDER, Operation};
use downbeat_storage_targets::store::{self, Tenant as _};

impl World for Tested {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.stamp = 0;
        // The statistics of the previous run must not be counted in this one.
        self.log.reset();
        let beyond = header.index(FAULTS) == 1;
        self.store.open_run(Order::ALL[header.index(ORDER)], beyond, run);
        store::format(self, run)?;
        self.check_pace()
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        store::after_io(self, run)?;
        if self.store.is_down() {
            store::recover(self, run)?;
        }
        Ok(())
    }

    /// Ends the half-bar, writes a checkpoint, and waits for all I/O.
    fn close(&mut self, run: &mut Run) -> Checked {
        // An interference strikes no later I/O.
        run.device_operations(self.store.grid.storage().completed());
        self.store.disk().disarm_all();
        self.give_all();
        if self.end_for_checkpoint(run)? {
            store::checkpoint(self, run)?;
        }
        store::settle(self, run)
    }

    /// Compares the log, the account of blocks and the memory, unless there was a failure.
    fn sweep(&mut self, _run: &mut Run) -> Checked {
        if self.log.failed().is_some() || self.store.grid.failed().is_some() {
            return Ok(());
        }
        self.store.check_memory(0)?;
        self.check_log()?;
        self.store.check_account()
    }

    /// Opens the log again (in half of the runs after a crash), and counts the statistics of the
    /// log and the disk as events of the run.
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

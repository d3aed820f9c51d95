//! Compares the whole log, and ends a run.

use super::events;
use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::model::manifest_log::Live;
use downbeat::run::Run;
use downbeat_storage_targets::store::{self, Tenant as _};

impl Tested {
    /// Ends the half-bar, writes a checkpoint, and waits for all I/O.
    pub(super) fn close_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.store.disk().disarm_all();
        self.give_all();
        if self.end_for_checkpoint(run)? {
            store::checkpoint(self, run)?;
        }
        store::settle(self, run)
    }

    /// Compares the log, the account of blocks and the memory, unless there was a failure.
    pub(super) fn sweep_all(&self) -> Result<(), Divergence> {
        if self.log.failed().is_some() || self.store.grid.failed().is_some() {
            return Ok(());
        }
        self.store.check_memory(0)?;
        self.check_log()?;
        self.store.check_account()
    }

    /// Opens the log again, perhaps after a crash, and adds the counts of the log and the disk to
    /// the run.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
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

    /// Describes what the log and its store hold.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.under_way()];
        lines.push(format!("{:?}", self.log.pace()));
        let blocks: Vec<String> =
            self.model.closed().iter().map(|block| block.address.to_string()).collect();
        lines.push(format!("closed blocks: {}", blocks.join(" ")));
        lines.push(format!("open block: {:?}", self.model.open()));
        for Live { entry, block, place } in self.model.live() {
            lines.push(format!("entry {place} of block {block}: {entry:?}"));
        }
        lines.extend(self.store.describe());
        lines
    }
}

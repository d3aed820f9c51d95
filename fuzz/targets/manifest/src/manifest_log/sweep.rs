//! All of the log at once.

use super::events;
use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::model::manifest_log::Live;
use downbeat::run::Run;
use downbeat_storage_targets::store::{self, Tenant as _};

impl Tested {
    /// Ends a run: what is under way ends, and the whole is compared, before and after it is opened again.
    pub(super) fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.store.disk().disarm_all();
        self.give_all();
        if self.end_for_checkpoint(run)? {
            store::checkpoint(self, run)?;
        }
        store::settle(self, run)?;
        if self.log.failed().is_none() && self.store.grid.failed().is_none() {
            self.store.check_memory(0)?;
            self.check_log()?;
            self.store.check_account()?;
        }
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

    /// What there is, in lines.
    pub(super) fn describe(&self) -> Vec<String> {
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

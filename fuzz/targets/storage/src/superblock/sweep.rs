//! Compares all copies, and ends a run.

use super::store::Store;
use super::{compare, events, states};
use downbeat::failure::Divergence;
use downbeat::run::Run;

impl Store {
    /// Checks that every copy is the open superblock, unless a checkpoint is under way or the copy
    /// was damaged since.
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.is_under_way() || !self.medium.disk().image().damages().is_empty() {
            return Ok(());
        }
        for copy in 0..self.layout.superblock_copies() {
            if let Some(wrong) = self.wrong_in(copy) {
                return Err(compare::not_in_every_copy(wrong));
            }
            run.result(u64::from(self.scratch[0]));
        }
        Ok(())
    }

    /// Opens the store twice more, after a restart and after a crash, and compares the copies.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.reopen(run)?;
        self.crash(0, 0, run)?;
        self.sweep_all(run)?;
        self.forget();
        states::whole(self.statistics.checkpoints, run);
        let disk = self.medium.disk();
        events::disk(disk.counts()).count(run);
        events::superblocks(&self.statistics).count(run);
        run.device_operations(disk.completed() - self.started);
        Ok(())
    }

    /// Describes what the device holds.
    pub(super) fn lines(&self) -> Vec<String> {
        let disk = self.medium.disk();
        let image = disk.image();
        let mut lines = vec![
            format!("expected: {}", self.model.expected().describe()),
            format!(
                "{} I/Os since it began, {} in flight; {} versions of sectors not durable",
                self.medium.progress().ios,
                downbeat_lsm::storage::Storage::queued(&self.medium),
                image.unflushed().len(),
            ),
        ];
        lines.extend(image.damages().iter().take(8).map(|(sector, damage)| {
            let offset = image.offset_of(*sector) as usize;
            let copy = offset / self.layout.superblock_copy_size();
            format!("copy {copy}, sector {sector}: {}", damage.describe())
        }));
        lines.extend(disk.armed().iter().map(|armed| format!("armed: {armed:?}")));
        lines
    }
}

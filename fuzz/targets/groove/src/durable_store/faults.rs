//! Which errors the disks explain.

use downbeat_lsm::durable_store::ServiceError;
use downbeat_lsm::storage::Access;
use downbeat_lsm::store::StoreError;

use super::events::{Event, FaultEvent};
use super::tested::Tested;
use crate::two_disks::{TwoDisks as _, causes};
use downbeat::check::fail;
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::Cause;
use downbeat_storage_targets::store::full::full;

impl Tested {
    /// Notes that a write of the store failed, and checks that the disks explain why, or that the
    /// tree or the device is full.
    #[cold]
    pub(super) fn write_failed(&mut self, error: ServiceError, run: &mut Run) -> Checked {
        self.failed = Some(error);
        self.explained(&error, run)?;
        if !self.is_down() && !is_full(&error) {
            let is_log = matches!(error, ServiceError::Log(_));
            if is_log { FaultEvent::LogFailed } else { FaultEvent::TreeFailed }.count(run);
        }
        Ok(())
    }

    /// Checks that the disks explain an error of the store, or that the tree or the device is full.
    #[cold]
    pub(super) fn explained(&mut self, error: &ServiceError, run: &mut Run) -> Checked {
        self.follow_clock();
        run.remark(|| error.to_string());
        if is_full(error) {
            Event::Full.count(run);
            return Ok(());
        }
        let cause = match error {
            ServiceError::Store(error) => causes::of_store(self, error),
            ServiceError::Log(error) => causes::of_log(self, error),
            _ => Cause::None,
        };
        if cause != Cause::Passing {
            return Err(fail("nothing-fails", "success", error)
                .saying("a call fails, and the disks do not explain it"));
        }
        Ok(())
    }

    /// Checks that the disk of the tree explains why a read failed.
    #[cold]
    pub(super) fn read_failed(&mut self, error: StoreError, run: &mut Run) -> Checked {
        self.explained(&ServiceError::Store(error), run)?;
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        Ok(())
    }

    /// Whether a flush of a disk failed since the disks were formatted. The disk may then lose what
    /// is flushed later.
    pub(super) fn has_flush_failed(&self) -> bool {
        let failed = |disk: &SimulatedDisk, since: u64| {
            let mut mishaps = disk.mishaps().iter().rev().take_while(|mishap| mishap.io > since);
            mishaps.any(|mishap| mishap.access == Access::Flush && mishap.failed)
        };
        let [tree, log] = self.disks();
        failed(tree, self.formatted_at.0) || failed(log, self.formatted_at.1)
    }
}

/// Whether an error says that the tree or the device is full.
pub(super) fn is_full(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Store(StoreError::ReadOnly(error)) if full(error).is_some())
}

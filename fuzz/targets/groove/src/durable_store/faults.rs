//! Which errors the disks explain.

use downbeat_lsm::durable_store::ServiceError;
use downbeat_lsm::storage::Access;
use downbeat_lsm::store::StoreError;

use super::events::{Event, FaultEvent};
use super::tested::Tested;
use crate::two_disks::{TwoDisks as _, causes};
use downbeat::check::{fail, holds};
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::Cause;
use downbeat_storage_targets::store::full::{Full, check_full, full};

impl Tested {
    /// Notes that a write of the store failed, and checks that the disks explain why, or that the
    /// tree or the device is full.
    #[cold]
    pub(super) fn write_failed(&mut self, error: ServiceError, run: &mut Run) -> Checked {
        self.failed = Some(error);
        self.explained(&error, self.power.opened.0, run)?;
        if !self.is_down() && what_is_full(&error).is_none() {
            let is_log = matches!(error, ServiceError::Log(_));
            if is_log { FaultEvent::LogFailed } else { FaultEvent::TreeFailed }.count(run);
        }
        Ok(())
    }

    /// Checks that the disks explain an error of a call that began after `since` I/Os of the tree's
    /// disk, or that the tree or the device is full.
    #[cold]
    pub(super) fn explained(&mut self, error: &ServiceError, since: u64, run: &mut Run) -> Checked {
        self.follow_clock();
        run.remark(|| error.to_string());
        if let Some(full) = what_is_full(error) {
            Event::Full.count(run);
            return check_full(self.tree(), full);
        }
        let cause = match error {
            ServiceError::Store(error) => causes::of_store(self, error, since),
            ServiceError::Log(error) => causes::of_log(self, error),
            _ => Cause::None,
        };
        if cause != Cause::Passing {
            return Err(fail("nothing-fails", "success", error)
                .saying("a call fails, and the disks do not explain it"));
        }
        Ok(())
    }

    /// Checks that the disk of the tree explains why a read failed that began after `since` I/Os of
    /// this disk. A store that refuses writes still reads.
    #[cold]
    pub(super) fn read_failed(&mut self, error: StoreError, since: u64, run: &mut Run) -> Checked {
        if matches!(error, StoreError::ReadOnly(_) | StoreError::Closed) {
            return Err(fail("failed-store-reads", "a record, or none", error)
                .saying("a store that refuses writes does not read"));
        }
        self.explained(&ServiceError::Store(error), since, run)?;
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        Ok(())
    }

    /// Checks that no write or flush of the log failed after `since` I/Os of its disk.
    pub(super) fn check_log_is_sound(&self, since: u64) -> Checked {
        let mut mishaps = self.disks()[1].mishaps().iter().rev();
        let failed = mishaps
            .by_ref()
            .take_while(|mishap| mishap.io > since)
            .find(|mishap| mishap.failed && mishap.access != Access::Read);
        holds("failure-of-the-log-is-an-error", failed.is_none())
            .show(|| (format!("an error, after {failed:?}"), "success"))
            .or("a write succeeds although its log could not be written")
    }
}

/// What is full, if an error says that something is.
pub(super) fn what_is_full(error: &ServiceError) -> Option<Full> {
    match error {
        ServiceError::Store(StoreError::ReadOnly(error)) => full(error),
        _ => None,
    }
}

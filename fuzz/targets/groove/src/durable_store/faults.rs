//! Which errors the disks explain.

use downbeat_lsm::durable_store::ServiceError;
use downbeat_lsm::storage::Access;
use downbeat_lsm::store::StoreError;

use super::events::FaultEvent;
use super::tested::Tested;
use crate::two_disks::{Failed, TwoDisks as _, causes};
use downbeat::check::{fail, holds};
use downbeat::{Checked, Run};

impl Tested {
    /// Notes that a write of the store failed, and checks that the disks explain why.
    #[cold]
    pub(super) fn write_failed(&mut self, error: ServiceError, run: &mut Run) -> Checked {
        self.course.failed = Failed::Service(error);
        causes::call_failed(self, &error, run)
    }

    /// Checks that the disk of the tree explains why a read failed that began after `since` I/Os of
    /// this disk. A store that refuses writes still reads.
    #[cold]
    pub(super) fn read_failed(&mut self, error: StoreError, since: u64, run: &mut Run) -> Checked {
        if matches!(error, StoreError::ReadOnly(_) | StoreError::Closed) {
            return Err(fail("failed-store-reads", "a record, or none", error)
                .saying("a store that refuses writes does not read"));
        }
        causes::explained(self, &ServiceError::Store(error), since, run)?;
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        Ok(())
    }

    /// Checks that no write or flush of the log failed after `since` I/Os of its disk.
    pub(super) fn check_log_is_sound(&self, since: u64) -> Checked {
        let mut mishaps = self.log_disk().mishaps().iter().rev();
        let failed = mishaps
            .by_ref()
            .take_while(|mishap| mishap.io > since)
            .find(|mishap| mishap.failed && mishap.access != Access::Read);
        holds("failure-of-the-log-is-an-error", failed.is_none())
            .show(|| (format!("an error, after {failed:?}"), "success"))
            .or("a write succeeds although its log could not be written")
    }
}

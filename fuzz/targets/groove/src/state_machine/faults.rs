//! Crashes and faults: how they are armed, and which errors the disks explain.

use downbeat_lsm::state_machine::ServiceError;

use super::tested::Tested;
use crate::two_disks::{Failed, TwoDisks as _, causes};
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::faults;

impl Tested {
    /// Arms a fault of the disk of the machine (0) or of the log (1).
    pub(super) fn arm_fault(&mut self, device: u32, kind: u32, io: u32) {
        self.has_faults = true;
        let [machine, log] = self.disks_mut();
        faults::arm_fault(if device == 0 { machine } else { log }, kind, io);
    }

    /// Notes that a call of the service failed.
    #[cold]
    pub(super) fn service_failed(&mut self, error: ServiceError, run: &mut Run) -> Checked {
        self.course.failed = Failed::Service(error);
        causes::call_failed(self, &error, run)
    }
}

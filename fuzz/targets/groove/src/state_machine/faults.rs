//! Crashes and faults: how they are armed, and which errors the disks explain.

use downbeat_lsm::forest::StoreError;
use downbeat_lsm::state_machine::ServiceError;

use super::events::{Event, FaultEvent};
use super::tested::{Failed, Tested};
use crate::two_disks::{TwoDisks as _, causes};
use downbeat::check::fail;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::full::full;
use downbeat_storage_targets::store::{Cause, faults};

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
        self.failed = Failed::Service(error);
        self.explained(&error, run)
    }

    /// Checks that the disks explain an error of the service, or that a tree or the device is full.
    #[cold]
    pub(super) fn explained(&mut self, error: &ServiceError, run: &mut Run) -> Checked {
        self.follow_clock();
        run.remark(|| error.to_string());
        let cause = match error {
            ServiceError::Store(StoreError::ReadOnly(error)) if full(error).is_some() => {
                Event::Full.count(run);
                return Ok(());
            }
            ServiceError::Store(error) => causes::of_store(self, error, self.power.opened.0),
            ServiceError::Log(error) => causes::of_log(self, error),
            _ => Cause::None,
        };
        if cause == Cause::None {
            return Err(fail("nothing-fails", "success", error)
                .saying("a call fails, and the disks do not explain it"));
        }
        if !self.is_down() {
            let is_log = matches!(error, ServiceError::Log(_));
            if is_log { FaultEvent::LogFailed } else { FaultEvent::MachineFailed }.count(run);
        }
        Ok(())
    }
}

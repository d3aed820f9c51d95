//! Crashes and faults: how they are armed, and which errors the disks explain.

use downbeat_lsm::forest::{BeatError, StoreError};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::state_machine::ServiceError;

use super::events::{Event, FaultEvent};
use super::tested::{Failed, Tested};
use downbeat::check::fail;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::full::full;
use downbeat_storage_targets::store::{Cause, Causes, faults};

impl Tested {
    /// Arms a loss of power after `io` more I/Os, or at once if `io` is 0 and `at_superblock` is
    /// not set. `anew` says whether a new object then opens the disks.
    pub(super) fn arm_crash(&mut self, io: u32, at_superblock: bool, anew: bool) {
        self.anew = anew;
        match io {
            _ if at_superblock => self.clock.arm_at_superblock(u64::from(io) + 1),
            0 => self.clock.lose_power(),
            _ => self.clock.arm(u64::from(io)),
        }
        self.follow_clock();
    }

    /// Both disks lose power if the clock did.
    pub(super) fn follow_clock(&mut self) {
        if self.is_down() {
            let (machine, log) = self.devices();
            machine.follow_clock();
            log.follow_clock();
        }
    }

    /// Arms a fault of the disk of the machine (0) or of the log (1).
    pub(super) fn arm_fault(&mut self, device: u32, kind: u32, io: u32) {
        self.has_faults = true;
        let [machine, log] = self.disks();
        faults::arm_fault(if device == 0 { machine } else { log }, kind, io);
    }

    /// How many faults and losses of power are armed.
    pub(super) fn armed(&self) -> usize {
        self.clock.armed() + self.machine_disk().armed().len() + self.log_disk().armed().len()
    }

    /// Disarms all faults and losses of power.
    pub(super) fn disarm_all(&mut self) {
        self.clock.disarm();
        for disk in self.disks() {
            disk.disarm_all();
        }
    }

    /// The cause of an error of the machine, on its disk. [`Cause::None`] if a tree or the device
    /// is full.
    pub(super) fn cause_of_store(&self, error: &StoreError) -> Cause {
        let causes = Causes::since(self.machine_disk(), self.opened.0);
        let of_grid = |error: &GridError| match error {
            GridError::Failed(fault) if causes.has(fault) => Cause::Passing,
            error => causes.of_grid(error),
        };
        match error {
            StoreError::Grid(error) | StoreError::ReadOnly(BeatError::Grid(error)) => {
                of_grid(error)
            }
            StoreError::ReadOnly(BeatError::Checkpoint(error)) => {
                causes.of_checkpoint(error, self.opened.0)
            }
            StoreError::Superblock(error) => causes.of_superblock(error),
            StoreError::ReadOnly(BeatError::TreeIsFull { .. })
            | StoreError::Invalid(_)
            | StoreError::OtherOptions
            | StoreError::Closed
            | StoreError::Reopened => Cause::None,
        }
    }

    /// The cause of an error of the log, on its disk. Damage of entries is not considered.
    pub(super) fn cause_of_log(&self, error: &RequestLogError) -> Cause {
        let passes = match error {
            RequestLogError::Failed(fault) => {
                Causes::since(self.log_disk(), self.opened.1).has(fault)
            }
            RequestLogError::Gone => self.is_down(),
            // Damage is judged where the log is opened.
            _ => false,
        };
        if passes { Cause::Passing } else { Cause::None }
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
            ServiceError::Store(error) => self.cause_of_store(error),
            ServiceError::Log(error) => self.cause_of_log(error),
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

//! A service on two simulated disks: one for its machine, and one for the log of its requests. The
//! targets `state_machine` and `durable_store` share this module.
//!
//! - A target is a [`TwoDisks`]. It has the service and the model of its contents.
//! - While a service is formatted or opened, it may crash again, and I/Os may fail. It is then
//!   formatted or opened again, as often as the crashes and faults that are armed can fail it.
//! - A service opens at the last checkpoint, or at one that was being taken. It then executes the
//!   requests of the log that are not in the checkpoint.
//!
//! Files: `clock` counts the I/Os of both disks and crashes both, `device` is a disk with this
//! clock, `course` is what a run has done so far, and `progress` says which checkpoint is due and
//! what the log has released. `world` begins and ends a run, `recovery` formats and opens, `causes`
//! says which errors the disks explain, `phases` says what is logged and armed, and `moment` and
//! `fault_events` count what happens.

pub(crate) mod causes;
pub(crate) mod clock;
pub(crate) mod course;
pub(crate) mod device;
mod fault_events;
mod moment;
pub(crate) mod phases;
mod progress;
pub(crate) mod recovery;
pub(crate) mod world;

pub(crate) use course::{Course, Failed};
pub(crate) use fault_events::events_with_faults;
pub(crate) use moment::{Moment, count_moment};
pub(crate) use progress::Progress;

use downbeat_lsm::state_machine::ServiceError;
use downbeat_lsm::storage::Access;

use clock::Crash;
use device::Device;
use downbeat::disk::{Mishap, SimulatedDisk};
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::faults;

/// A service on two disks. The first is that of the machine, the second that of the log.
pub(crate) trait TwoDisks {
    /// The check that the service has the number with which it was formatted.
    const HAS_ITS_NUMBER: &str;

    /// Whether the target damages the disks, so that damage explains errors.
    const DAMAGES: bool;

    fn course(&self) -> &Course;

    fn course_mut(&mut self) -> &mut Course;

    fn devices(&self) -> [&Device; 2];

    fn devices_mut(&mut self) -> [&mut Device; 2];

    /// Replaces the service, but not its disks, by a new one.
    fn renew(&mut self);

    /// Formats both disks with this number.
    fn format_service(&mut self, number: u64) -> Result<(), ServiceError>;

    /// Called when the disks were formatted. Empties the model, and checks the service.
    fn was_formatted(&mut self) -> Checked;

    /// Called when the service could not be formatted. Checks that the disks explain why.
    fn refused(&mut self, error: &ServiceError, run: &mut Run) -> Checked;

    /// The last request that the service was given, and the last one that was acknowledged.
    fn given(&self) -> (u64, u64);

    /// Called when the service was opened at a checkpoint, with the requests up to `last`. The
    /// model keeps these requests.
    fn was_opened(&mut self, checkpoint: u64, last: u64);

    /// Called when a beat was run. `taken` is the last request of the checkpoint that it took.
    fn ran_beat(&mut self, _taken: Option<u64>) {}

    /// The checkpoints that the machine announced early since it was opened.
    fn early_checkpoints(&self) -> Vec<u64>;

    /// Whether the machine is nearly full, so that each bar ends with a checkpoint.
    fn is_nearly_full(&self) -> bool;

    /// Called when a call failed because a tree or the device is full. Counts it. Returns false if
    /// the machine promises that this does not happen.
    fn was_full(&mut self, run: &mut Run) -> bool;

    /// Checks what the service says about itself between two operations.
    fn check_service(&self) -> Checked;

    /// Adds what the machine counted since it was opened to the run.
    fn harvest(&self, run: &mut Run);

    /// Called when something happens to the service.
    fn happens(&mut self, moment: Moment, run: &mut Run);

    fn machine_disk(&self) -> &SimulatedDisk {
        self.disks()[0]
    }

    fn log_disk(&self) -> &SimulatedDisk {
        self.disks()[1]
    }

    fn disks(&self) -> [&SimulatedDisk; 2] {
        self.devices().map(|device| &device.disk)
    }

    fn disks_mut(&mut self) -> [&mut SimulatedDisk; 2] {
        self.devices_mut().map(|device| &mut device.disk)
    }

    /// Whether power is lost, or the process was killed.
    #[inline]
    fn is_down(&self) -> bool {
        self.course().clock.crashed().is_some()
    }

    /// Both disks crash if the clock did.
    fn follow_clock(&mut self) {
        if self.is_down() {
            self.devices_mut().into_iter().for_each(Device::follow_clock);
        }
    }

    /// Arms a loss of power after `io` more I/Os, or at once if `io` is 0 and `at_superblock` is
    /// not set. `anew` says whether a new object then opens the disks.
    fn arm_crash(&mut self, io: u32, at_superblock: bool, anew: bool) {
        let course = self.course_mut();
        course.anew = anew;
        if at_superblock {
            course.clock.arm_at_superblock(u64::from(io) + 1);
        } else {
            course.clock.arm(Crash::Power, u64::from(io));
        }
        self.follow_clock();
    }

    /// Arms a kill of the process after `io` more I/Os, or at once if `io` is 0. `anew` says
    /// whether a new object then opens the disks.
    fn arm_kill(&mut self, io: u32, anew: bool) {
        let course = self.course_mut();
        course.anew = anew;
        course.clock.arm(Crash::Process, u64::from(io));
        self.follow_clock();
    }

    /// Arms failures of `count` reads in a row of the disk of the machine (0) or of the log (1),
    /// after `before` reads. `anew` says whether a new object then opens the disks.
    fn arm_burst(&mut self, device: u32, before: u32, count: u32, anew: bool) {
        self.course_mut().anew = anew;
        let [machine, log] = self.disks_mut();
        faults::arm_burst(if device == 0 { machine } else { log }, before, count);
    }

    /// How many crashes and faults are armed.
    fn armed(&self) -> usize {
        let of_disks: usize = self.disks().iter().map(|disk| disk.armed().len()).sum();
        self.course().clock.armed() + of_disks
    }

    /// Whether nothing can interfere with opening the service.
    fn is_sound(&self) -> bool {
        let is_damaged = |disk: &SimulatedDisk| !disk.image().damages().is_empty();
        self.armed() == 0 && !self.is_down() && !self.disks().into_iter().any(is_damaged)
    }

    /// Whether the target damages the disks.
    fn damages(&self) -> bool {
        Self::DAMAGES
    }

    /// The sectors of the log's disk, by offset, that the log has taken for unreadable since its
    /// opening began, although they are readable. A read of several sectors failed, and then that
    /// of the sector alone.
    fn skipped_sectors(&self) -> Vec<u64> {
        let disk = self.log_disk();
        let mishaps = disk.mishaps().iter().rev().take_while(|it| it.io > self.course().opened.1);
        let failed = mishaps.filter(|it| it.failed && it.access == Access::Read);
        let failed: Vec<&Mishap> = failed.collect();
        let mut sector = vec![0; disk.layout().sector_size()];
        let size = sector.len() as u64;
        // The reads after the one that failed are those of its sectors, in order.
        let is_sector_of = |it: &Mishap, whole: &Mishap| {
            let end = whole.offset + whole.length as u64;
            let reached = |before: u64| whole.offset + before * size == it.offset;
            whole.io < it.io && reached(it.io - whole.io - 1) && it.offset < end
        };
        let mut is_skipped = |it: &&&Mishap| {
            failed.iter().any(|whole| is_sector_of(it, whole))
                && disk.image().read(it.offset, &mut sector).is_ok()
        };
        failed.iter().filter(|it| is_skipped(it)).map(|it| it.offset).collect()
    }

    /// Disarms all crashes and faults.
    fn disarm_all(&mut self) {
        self.course().clock.disarm();
        self.disks_mut().into_iter().for_each(SimulatedDisk::disarm_all);
    }

    /// Notes that an opening or a formatting begins.
    fn opening_begins(&mut self) {
        let [machine, log] = self.disks().map(SimulatedDisk::completed);
        self.course_mut().opened = (machine, log);
    }

    /// Starts the next process, with power, and drops the operations that a new object does not
    /// know.
    fn restart(&mut self) {
        self.follow_clock();
        self.course().clock.restart();
        let anew = std::mem::take(&mut self.course_mut().anew);
        for disk in self.disks_mut() {
            if anew {
                disk.restart();
            } else {
                disk.restart_keeping_queue();
            }
        }
        if anew {
            self.renew();
        }
    }
}

//! A service on two simulated disks: one for its machine, and one for the log of its requests. The
//! targets `state_machine` and `durable_store` share this module.
//!
//! Files: `clock` counts the I/Os of both disks and crashes both, `device` is a disk with this
//! clock, `causes` says which errors the disks explain, and `progress` says which checkpoint is due
//! and what the log has released.

pub(crate) mod causes;
pub(crate) mod clock;
pub(crate) mod device;
mod progress;

pub(crate) use progress::Progress;

use clock::{Clock, Crash};
use device::Device;
use downbeat::disk::SimulatedDisk;

/// The power of two disks.
#[derive(Debug, Default)]
pub(crate) struct Power {
    pub(crate) clock: Clock,
    /// Whether a new object opens the disks next.
    pub(crate) anew: bool,
    /// How many I/Os of the machine's disk and of the log's disk had completed when the service was
    /// opened or formatted.
    pub(crate) opened: (u64, u64),
}

/// A service on two disks. The first is that of the machine, the second that of the log.
pub(crate) trait TwoDisks {
    fn power(&self) -> &Power;

    fn power_mut(&mut self) -> &mut Power;

    fn devices(&self) -> [&Device; 2];

    fn devices_mut(&mut self) -> [&mut Device; 2];

    /// Replaces the service, but not its disks, by a new one.
    fn renew(&mut self);

    fn disks(&self) -> [&SimulatedDisk; 2] {
        self.devices().map(|device| &device.disk)
    }

    fn disks_mut(&mut self) -> [&mut SimulatedDisk; 2] {
        self.devices_mut().map(|device| &mut device.disk)
    }

    /// Whether power is lost, or the process was killed.
    #[inline]
    fn is_down(&self) -> bool {
        self.power().clock.crashed().is_some()
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
        let power = self.power_mut();
        power.anew = anew;
        if at_superblock {
            power.clock.arm_at_superblock(u64::from(io) + 1);
        } else {
            power.clock.arm(Crash::Power, u64::from(io));
        }
        self.follow_clock();
    }

    /// Arms a kill of the process after `io` more I/Os, or at once if `io` is 0. `anew` says
    /// whether a new object then opens the disks.
    fn arm_kill(&mut self, io: u32, anew: bool) {
        let power = self.power_mut();
        power.anew = anew;
        power.clock.arm(Crash::Process, u64::from(io));
        self.follow_clock();
    }

    /// How many crashes and faults are armed.
    fn armed(&self) -> usize {
        let of_disks: usize = self.disks().iter().map(|disk| disk.armed().len()).sum();
        self.power().clock.armed() + of_disks
    }

    /// Disarms all crashes and faults.
    fn disarm_all(&mut self) {
        self.power().clock.disarm();
        self.disks_mut().into_iter().for_each(SimulatedDisk::disarm_all);
    }

    /// Notes that an opening or a formatting begins.
    fn opening_begins(&mut self) {
        let [machine, log] = self.disks().map(SimulatedDisk::completed);
        self.power_mut().opened = (machine, log);
    }

    /// Starts the next process, with power, and drops the operations that a new object does not
    /// know.
    fn restart(&mut self) {
        self.follow_clock();
        self.power().clock.restart();
        let anew = std::mem::take(&mut self.power_mut().anew);
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

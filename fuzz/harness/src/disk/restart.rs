//! A restart of the process that uses the disk.

use downbeat_lsm::storage::Operation;

use super::chance::Site;
use super::power::Power;
use super::{Outcome, SimulatedDisk};

impl SimulatedDisk {
    /// Simulates a restart of the store's process. Drops the operations in flight.
    ///
    /// If the power is off, it is switched on. If no crash was decided before, a random crash is
    /// decided first. If the power is on, each write in flight takes effect or not at random.
    /// Writes that are not durable stay so. They are excused: the rules for the store ignore them,
    /// because the new process cannot know of them. After a failed flush a restart is a crash, so
    /// that the new process reads what is really on the device.
    pub fn restart(&mut self) {
        self.restart_with(drop);
    }

    /// As [`SimulatedDisk::restart`], for a store object that is opened again: the operations in
    /// flight stay in the queue, and the store must
    /// [abandon](downbeat_lsm::storage::Storage::abandon) them.
    pub fn restart_keeping_queue(&mut self) {
        let has_doomed = self.image.log.has_doomed();
        match self.power {
            Power::On if !has_doomed => {
                self.counts.add(Outcome::Restart, 1);
                self.image.excuse();
            }
            Power::Killed if !has_doomed => self.restart_without_crash(),
            Power::On | Power::Killed | Power::Off => self.crash(),
            Power::Crashed => {}
        }
        self.power = Power::On;
    }

    /// The process ends, and the power stays on.
    fn restart_without_crash(&mut self) {
        self.counts.add(Outcome::Restart, 1);
        let chance = self.chance;
        self.end_in_flight(&mut |span| chance.at(Site::InFlight, span.offset).is_multiple_of(2));
        self.image.excuse();
    }

    /// As [`SimulatedDisk::restart`], but passes the dropped operations to `dropped`, which can
    /// reuse their buffers.
    pub fn restart_with(&mut self, dropped: impl FnMut(Operation)) {
        match self.power {
            Power::On | Power::Killed if !self.image.log.has_doomed() => {
                self.restart_without_crash();
            }
            Power::On | Power::Killed | Power::Off => self.crash(),
            Power::Crashed => {}
        }
        self.power = Power::On;
        self.queue.drain().for_each(dropped);
    }
}

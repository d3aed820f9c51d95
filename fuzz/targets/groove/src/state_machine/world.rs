//! The world: opens a service for a run, compares it with the model and closes it.

use super::events::Event;
use super::states;
use super::tested::Tested;
use crate::two_disks::phases::phase_now;
use crate::two_disks::{TwoDisks as _, world};
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::Header;
use downbeat::states::octave;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::state_machine::{FAULTS, ORDER, Operation};

impl Tested {
    /// Compares everything. Does so again if power is lost.
    fn compare(&mut self, run: &mut Run) -> Checked {
        if self.course.has_failed() {
            self.reopen(run)?;
        }
        self.compare_all(run)?;
        while self.is_down() {
            self.recover(run)?;
            self.compare_all(run)?;
        }
        Ok(())
    }

    fn close_and_compare(&mut self, run: &mut Run) -> Checked {
        if self.is_down() {
            self.recover(run)?;
        }
        self.settle()?;
        self.reopen(run)?;
        self.compare(run)?;
        self.settle()
    }
}

impl World for Tested {
    type Operation = Operation;

    fn renew(&mut self, geometry: &Header) -> bool {
        self.remake(geometry);
        true
    }

    /// Resets everything for a run and formats the disks. The caller has reset the disks.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        (self.stamp, self.restarts) = (0, 0);
        self.has_faults = run.interference().is_some();
        world::open(self, header.index(ORDER), header.index(FAULTS) == 1, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        self.follow_clock();
        if self.is_down() {
            self.recover(run)?;
        }
        run.state(states::Requests, octave(self.requests.last()));
        Ok(())
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O.
    fn close(&mut self, run: &mut Run) -> Checked {
        if run.interference().is_none() {
            self.disarm_all();
        }
        Ok(())
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.compare(run)
    }

    /// Opens the service again, and compares everything. In a run with an interference, then
    /// disarms all faults, and opens and compares once more. Compares the last checkpoint with that
    /// of a machine that never crashed.
    fn finish(&mut self, run: &mut Run) -> Checked {
        world::finish(self, run, Self::close_and_compare)?;
        if !self.has_faults && self.restarts > 1 {
            Event::Compared.count(run);
            let state = self.service.machine().forest().superblock().working().state();
            self.never_crashed.compare(&self.requests, &self.options, &state)?;
            (0..self.requests.last()).for_each(|_| run.step());
        }
        Ok(())
    }

    fn phase(&self, _key: Option<u64>, phase: &mut Phase) {
        phase_now(self, phase);
    }

    /// Describes the requests and the disks.
    fn describe(&self) -> Vec<String> {
        world::describe(self)
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        self.disks_mut().into_iter().nth(number)
    }
}

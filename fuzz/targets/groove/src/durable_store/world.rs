//! The world: opens a store for a run, compares it with the model and closes it.

use super::states;
use super::tested::Tested;
use crate::two_disks::phases::phase_now;
use crate::two_disks::{TwoDisks as _, world};
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::Header;
use downbeat::states::octave;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::durable_store::{ORDER, Operation};

impl Tested {
    /// Compares all records. Does so again after a crash.
    fn compare(&mut self, run: &mut Run) -> Checked {
        self.compare_all(run)?;
        if self.is_down() {
            // An opening compares all records.
            self.reopen(run)?;
        }
        Ok(())
    }
}

impl World for Tested {
    type Operation = Operation;

    /// Resets everything for a run and formats the disks. The caller has reset the disks.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.stamp = 0;
        world::open(self, header.index(ORDER), false, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        self.follow_clock();
        if self.is_down() {
            self.reopen(run)?;
        }
        run.state(states::Records, octave(self.batches.len() as u64));
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

    /// Opens the store again, which compares all records. In a run with an interference, then
    /// disarms all faults and opens once more.
    fn finish(&mut self, run: &mut Run) -> Checked {
        world::finish(self, run, Self::reopen)
    }

    fn phase(&self, _key: Option<u64>, phase: &mut Phase) {
        phase_now(self, phase);
    }

    /// Describes the batches and the disks.
    fn describe(&self) -> Vec<String> {
        world::describe(self)
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        self.disks_mut().into_iter().nth(number)
    }
}

//! The world: two stores. The second repeats the calls that change the first.

use super::pair::Pair;
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Landmark};
use downbeat::records::Versioned;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::tree::Operation;

impl<R: Versioned> World for Pair<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.first.open(header, run)?;
        self.open_twin(header)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.first.apply(operation, run)?;
        self.follow(run)
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.first.close(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.first.sweep(run)
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.first.finish(run)?;
        self.follow(run)?;
        while self.twin.by_hand().step() {}
        self.compare_devices()
    }

    fn phase(&self, key: Option<u64>, phase: &mut Phase) {
        self.first.phase_now(key, phase);
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        self.first.landmark(landmark)
    }

    fn describe(&self) -> Vec<String> {
        let mut lines = self.first.describe();
        lines.push(format!("the twin: beat {}", self.twin.beat_number()));
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        match number {
            0 => self.first.disk(0),
            1 => Some(self.twin.by_hand().grid_mut().storage_mut()),
            _ => None,
        }
    }
}

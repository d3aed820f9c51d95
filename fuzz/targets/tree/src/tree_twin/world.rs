//! The worlds: two stores for each geometry. The second repeats the operations of the first.

use super::TreeTwin;
use super::pair::Pair;
use crate::tree::world::{GEOMETRY, KEPT, of_records};
use downbeat::disk::SimulatedDisk;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Landmark};
use downbeat::model::tree::Operation;
use downbeat::records::{OfRecords, Versioned};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for TreeTwin {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = GEOMETRY;
    const KEPT: usize = KEPT;

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        of_records::<Self>(geometry)
    }
}

impl OfRecords for TreeTwin {
    type Made = AnyWorld<Operation>;

    fn make<R: Versioned>(geometry: &Header) -> Self::Made {
        Box::new(Pair::<R>::new(geometry))
    }
}

impl<R: Versioned> World for Pair<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.first.open(header, run)?;
        self.open_twin(header)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.first.apply(operation, run)?;
        self.follow(run)
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.first.close(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.first.sweep(run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.first.finish(run)?;
        self.follow(run)?;
        while self.twin.by_hand().step() {}
        self.compare_devices()
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

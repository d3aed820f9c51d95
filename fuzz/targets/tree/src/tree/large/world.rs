//! The world: the store of the target `tree` with other sizes.

use downbeat_lsm::storage::Layout;
use downbeat_lsm::store::Store;

use super::super::scans::Way;
use super::super::tested::Tested;
use super::keys::KeyRun;
use super::shapes::{options, shape};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::{Header, Landmark};
use downbeat::records::Versioned;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::tree_large::{FAULTS, ORDER, Operation, PACE};

/// A store with its model, and the runs that were written.
#[derive(Debug)]
pub(super) struct Large<R: Versioned> {
    pub(super) tested: Tested<R>,
    /// The last runs of writes, from which samples are taken.
    pub(super) runs: Vec<KeyRun>,
    /// The number of steps after which operations do nothing.
    steps: u64,
    /// The work of the run's operations besides their own steps, as a number of steps; see
    /// [`Large::left`].
    work: u64,
}

/// The number of steps that correspond to comparing a sample after an operation.
const OF_OPERATION: u64 = 32;
/// The number of steps that correspond to a bar, which applies compactions and checks all levels.
const OF_BAR: u64 = 16;
/// The number of steps that correspond to a checkpoint or an opening, which writes or reads the
/// free set.
const OF_CHECKPOINT: u64 = 256;

impl<R: Versioned> Large<R> {
    pub(super) fn new(geometry: &Header) -> Self {
        let (options, ballast) = options::<R>(geometry);
        let layout = Layout::new(options.layout).expect("the target's settings are valid");
        let store = Store::new(SimulatedDisk::new(layout), &options);
        let store = store.expect("the target's settings are valid");
        let steps = shape::<R>(geometry).steps;
        Self { tested: Tested::of(store, ballast), runs: Vec::new(), steps, work: 0 }
    }

    /// The number of steps that the run has left. Bars, checkpoints, openings and samples count as
    /// additional steps, because they take as much time.
    pub(super) fn left(&self, run: &Run) -> u64 {
        let bars = OF_BAR * self.tested.bars;
        self.steps.saturating_sub(run.tally().steps + self.work + bars)
    }

    /// Compares all records, in both directions.
    fn compare_all(tested: &mut Tested<R>, run: &mut Run) -> Checked {
        tested.scan(Way::UP, usize::MAX, usize::MAX, run)?;
        tested.scan(Way::DOWN, usize::MAX, usize::MAX, run)
    }
}

impl<R: Versioned> World for Large<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.runs.clear();
        self.work = 0;
        let order = Order::ALL[header.index(ORDER)];
        self.tested.open_with(header.index(PACE), order, header.index(FAULTS) == 1, run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        if self.left(run) == 0 {
            run.idle();
            return Ok(());
        }
        self.work += match operation {
            Operation::Checkpoint | Operation::Reopen | Operation::Crash { .. } => OF_CHECKPOINT,
            _ => OF_OPERATION,
        };
        self.operation(operation, run)?;
        if self.tested.is_down() {
            self.tested.power_lost(run)?;
        }
        self.tested.check_room_and_range()?;
        self.mark_sizes(run);
        self.sample(run)?;
        // Power may be lost while the sample is read.
        if self.tested.is_down() {
            self.tested.power_lost(run)?;
        }
        Ok(())
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.tested.close(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.tested.sweep_with(Self::compare_all, run)
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.tested.finish_with(Self::compare_all, run)
    }

    fn phase(&self, key: Option<u64>, phase: &mut Phase) {
        self.tested.phase_now(key, phase);
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        self.tested.landmark(landmark)
    }

    fn describe(&self) -> Vec<String> {
        self.tested.describe()
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        self.tested.disk(number)
    }
}

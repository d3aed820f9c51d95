//! The rows as the host of their store.

use downbeat_lsm::compaction::CompactionPace;

use super::events::{self, Event, FaultEvent};
use super::kept::Rows;
use super::states;
use super::tested::Tested;
use crate::levels::deepest;
use crate::store::{Host, Moment, TestedStore, count_moment};
use downbeat::{Checked, Run};
use downbeat_model::scan as model;

impl Host for Tested {
    type Trees = Rows;

    fn store(&self) -> &TestedStore<Rows> {
        &self.store
    }

    fn store_mut(&mut self) -> &mut TestedStore<Rows> {
        &mut self.store
    }

    fn before_beat(&mut self, _run: &mut Run) {}

    fn beat(&mut self, _pace: CompactionPace) {
        self.rows.objects.beat();
    }

    fn checkpoint(&mut self, beat: u64) {
        self.rows.objects.checkpoint(beat);
    }

    fn is_durable(&self) -> bool {
        self.rows.objects.is_durable()
    }

    fn bar_ended(&mut self, _at_checkpoint: bool, run: &mut Run) -> Checked {
        if let Some(deepest) = deepest(self.store.forest.trees().objects().manifest()) {
            run.state(states::Deepest, deepest);
        }
        Ok(())
    }

    fn compare_all(&mut self, run: &mut Run) -> Checked {
        self.compare_rows(run)
    }

    /// Adds what the trees counted since the store was opened to the run.
    fn process_ends(&mut self, run: &mut Run) {
        events::compactions(self.store.forest.trees().objects().compactions()).count(run);
    }

    fn reopened(&mut self, crashed: bool, _run: &mut Run) -> Checked {
        self.rows.reopen(crashed);
        self.check_room()
    }

    fn lost(&mut self) {
        self.rows = model::Rows::default();
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        count_moment!(moment, run);
    }
}

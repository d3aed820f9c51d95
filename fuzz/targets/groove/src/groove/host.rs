//! The grooves as the host of their store.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::compaction::CompactionPace;

use super::events::{self, Event, FaultEvent};
use super::kept::Grooves;
use super::states;
use super::tested::{Sides, Tested};
use crate::levels::deepest;
use crate::store::{Host, Moment, TestedStore, count_moment};
use downbeat::{Checked, Run};

impl Host for Tested {
    type Trees = Grooves;

    fn store(&self) -> &TestedStore<Grooves> {
        &self.store
    }

    fn store_mut(&mut self) -> &mut TestedStore<Grooves> {
        &mut self.store
    }

    /// An open scope is persisted, and a prefetch is abandoned.
    fn before_beat(&mut self, run: &mut Run) {
        self.beat_abandons(run);
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
    }

    fn beat(&mut self, _pace: CompactionPace) {
        self.sides.beat();
    }

    fn checkpoint(&mut self, beat: u64) {
        self.sides.checkpoint(beat);
    }

    fn is_durable(&self) -> bool {
        self.sides.is_durable()
    }

    fn bar_ended(&mut self, _at_checkpoint: bool, run: &mut Run) -> Checked {
        if let Some(deepest) = deepest(self.store.forest.trees().0.objects().manifest()) {
            run.state(states::Deepest, deepest);
        }
        Ok(())
    }

    fn compare_all(&mut self, run: &mut Run) -> Checked {
        self.compare_grooves(run)
    }

    /// Adds what the trees counted since the store was opened to the run.
    fn process_ends(&mut self, run: &mut Run) {
        events::compactions(self.store.forest.trees().0.objects().compactions()).count(run);
    }

    fn reopened(&mut self, crashed: bool, run: &mut Run) -> Checked {
        self.count_closed(run);
        self.sides.reopen(crashed);
        self.check_room()
    }

    fn lost(&mut self) {
        self.sides = Sides::default();
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        count_moment!(moment, run);
    }
}

//! The forest as the host of its store.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::compaction::{CompactionPace, CompactionStatistics};

use super::events::{self, Event, FaultEvent};
use super::states;
use super::tested::Tested;
use super::trees::Set;
use crate::levels::deepest;
use crate::store::{Host, Moment, TestedStore, count_moment};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::forest::Change;

impl Host for Tested {
    type Trees = Set;

    fn store(&self) -> &TestedStore<Set> {
        &self.store
    }

    fn store_mut(&mut self) -> &mut TestedStore<Set> {
        &mut self.store
    }

    /// An open scope is persisted.
    fn before_beat(&mut self, run: &mut Run) {
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
    }

    /// A beat that is repeated has the pace that it had before.
    fn pace(&self) -> CompactionPace {
        if let Some(Change::Beat(shares)) = self.history.next() {
            return CompactionPace { shares };
        }
        self.paces.of_beat(self.store.next_beat())
    }

    fn beat(&mut self, pace: CompactionPace) {
        self.sides.beat();
        self.history.did(Change::Beat(pace.shares));
    }

    fn wanted(&mut self) {
        self.history.did(Change::Want);
    }

    fn checkpoint(&mut self, beat: u64) {
        self.sides.checkpoint(beat);
    }

    fn is_durable(&self) -> bool {
        self.sides.is_durable()
    }

    fn half_bar_ended(&mut self, run: &mut Run) {
        let compacted = self.all_compactions().map(|statistics| {
            let levels = statistics.levels.iter();
            levels.map(|level| level.merges + level.moves).sum::<u64>()
        });
        let busy = (0..4).filter(|set| compacted[*set] > self.compacted[*set]);
        let busy: usize = busy.map(|set| 1 << set).sum();
        self.compacted = compacted;
        run.state(states::Busy, busy);
    }

    fn bar_ended(&mut self, at_checkpoint: bool, run: &mut Run) -> Checked {
        self.mark_levels(run);
        if at_checkpoint { self.audit_checkpoint(run) } else { Ok(()) }
    }

    fn compare_all(&mut self, run: &mut Run) -> Checked {
        self.compare_sets(run)
    }

    /// Adds what the trees counted since the store was opened to the run.
    fn process_ends(&mut self, run: &mut Run) {
        let [narrow, parts, wide, ticks] = self.all_compactions();
        events::compactions(narrow, parts, wide, ticks).count(run);
        events::log(self.store.forest.manifest_log().statistics()).count(run);
        self.compacted = [0; 4];
        self.was_reopened = true;
    }

    fn reopened(&mut self, crashed: bool, run: &mut Run) -> Checked {
        self.sides.reopen(crashed);
        self.is_full = false;
        let beat = self.store.forest.beat_number();
        self.history.reopen(beat);
        run.state(states::Lost, octave(self.history.left() as u64));
        self.check_room()?;
        self.audit_opened(run)
    }

    fn lost(&mut self) {
        self.forget();
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        self.is_full |= moment == Moment::Full;
        count_moment!(moment, run);
    }
}

impl Tested {
    /// What the compactions of each set of trees counted since the store was opened. Of a groove,
    /// only the object tree counts.
    fn all_compactions(&self) -> [&CompactionStatistics; 4] {
        let (narrow, parts, wide, ticks) = self.store.forest.trees();
        [
            narrow.compactions(),
            parts.objects().compactions(),
            wide.compactions(),
            ticks.objects().compactions(),
        ]
    }

    /// Marks the deepest level with a table of each set of trees.
    fn mark_levels(&self, run: &mut Run) {
        let (narrow, parts, wide, ticks) = self.store.forest.trees();
        let mut mark = |state, deepest: Option<usize>| {
            run.state(state, deepest.map_or(0, |level| level + 1));
        };
        mark(states::DeepestOfNarrow, deepest(narrow.manifest()));
        mark(states::DeepestOfParts, deepest(parts.objects().manifest()));
        mark(states::DeepestOfWide, deepest(wide.manifest()));
        mark(states::DeepestOfTicks, deepest(ticks.objects().manifest()));
    }
}

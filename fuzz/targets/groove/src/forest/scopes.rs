//! Scopes, which are opened and closed in all trees at once.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::states;
use super::tested::Tested;
use super::trees::Part;
use downbeat::states::octave;
use downbeat::{Checked, Run};

impl Tested {
    /// Prefetches the parts with these keys, and opens a scope. Keys for which the beat has no room
    /// are left out.
    pub(super) fn scope_open(&mut self, keys: impl Iterator<Item = u64>, run: &mut Run) -> Checked {
        if self.scope_is_open() {
            run.redirected(|| "discard\nopen".to_owned());
            self.scope_close_now(ScopeOutcome::Discard, run);
        }
        if !self.go_live(run)? {
            return Ok(());
        }
        let room = self.prefetch_room::<Part>();
        let ids: Vec<u128> = keys.take(room).map(u128::from).collect();
        self.prefetch_now::<Part>(&ids, run)?;
        if self.store.is_down() {
            return Ok(());
        }
        run.step();
        let (narrow, parts, wide, ticks) = self.store.forest.trees_and_grid().0;
        narrow.scope_open();
        parts.scope_open();
        wide.scope_open();
        ticks.scope_open();
        self.sides.scope_open();
        self.history.scope_open();
        Ok(())
    }

    pub(super) fn scope_close(&mut self, outcome: ScopeOutcome, run: &mut Run) -> Checked {
        if !self.scope_is_open() {
            run.redirected(|| "open".to_owned());
            return self.scope_open(std::iter::empty(), run);
        }
        self.scope_close_now(outcome, run);
        self.check_room()
    }

    pub(super) fn scope_close_now(&mut self, outcome: ScopeOutcome, run: &mut Run) {
        run.step();
        let keep = outcome == ScopeOutcome::Persist;
        if keep { Event::ScopePersisted } else { Event::ScopeDiscarded }.count(run);
        let (narrow, parts, wide, ticks) = self.store.forest.trees_and_grid().0;
        narrow.scope_close(outcome);
        parts.scope_close(outcome);
        wide.scope_close(outcome);
        ticks.scope_close(outcome);
        self.history.scope_close(keep);
        let writes = self.sides.scope_close(keep);
        let sets = writes.iter().filter(|count| **count > 0).count();
        run.state(states::ScopeSets, sets);
        run.state(states::ScopeWrites, octave(writes.iter().sum::<usize>() as u64));
    }
}

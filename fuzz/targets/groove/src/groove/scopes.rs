//! Scopes, which are opened and closed in both grooves at once.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::{Event, Late};
use super::kept::{Name, Thing};
use super::states;
use super::tested::Tested;
use downbeat::{Checked, Run};
use downbeat_model::groove as model;

impl Tested {
    /// Prefetches the things with these keys, and opens a scope. Keys for which the beat has no
    /// room are left out. A scope that is already open is discarded first.
    pub(super) fn scope_open(&mut self, keys: impl Iterator<Item = u64>, run: &mut Run) -> Checked {
        if self.scope_is_open() {
            run.redirected(|| "discard\nopen".to_owned());
            self.scope_close_now(ScopeOutcome::Discard, run);
        }
        // A prefetch that is under way stays so.
        let is_under_way = self.sides.things.under_way.is_some();
        Late::ScopeMeanwhile.count_if(is_under_way, run);
        let room = if is_under_way { 0 } else { self.prefetch_room::<Thing>() };
        let names: Vec<Name> =
            keys.take(room).map(|key| Name::Primary(model::Thing::id_of(key))).collect();
        self.prefetch_now::<Thing>(&names, run)?;
        if self.store.is_down() {
            return Ok(());
        }
        run.step();
        let (things, ticks) = self.store.forest.trees_and_grid().0;
        things.scope_open();
        ticks.scope_open();
        self.sides.things.objects.scope_open();
        self.sides.ticks.objects.scope_open();
        Ok(())
    }

    pub(super) fn scope_close(&mut self, outcome: ScopeOutcome, run: &mut Run) -> Checked {
        if !self.scope_is_open() {
            run.redirected(|| "open".to_owned());
            return self.scope_open(std::iter::empty(), run);
        }
        self.scope_close_now(outcome, run);
        Ok(())
    }

    pub(super) fn scope_close_now(&mut self, outcome: ScopeOutcome, run: &mut Run) {
        run.step();
        let keep = outcome == ScopeOutcome::Persist;
        if keep { Event::ScopePersisted } else { Event::ScopeDiscarded }.count(run);
        let (things, ticks) = self.store.forest.trees_and_grid().0;
        things.scope_close(outcome);
        ticks.scope_close(outcome);
        let of_things = self.sides.things.objects.scope_close(keep);
        let of_ticks = self.sides.ticks.objects.scope_close(keep);
        run.state(states::ScopeWrites, states::size(of_things));
        run.state(states::ScopeWrites, states::size(of_ticks));
    }
}

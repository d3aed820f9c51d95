//! Compactions, scopes, resets.
//!
//! Invariants: a compaction leaves the cache unchanged and the stash empty; a scope's log has one
//! entry for each write; the entries that a compaction or a reset drops were correct.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::maps::Side;
use super::world::CacheMapWorld;
use super::{compare, exact, states, sweep};
use downbeat::failure::Divergence;
use downbeat::run::Run;

impl CacheMapWorld {
    /// Compacts. An open scope is closed first.
    pub(super) fn compact(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        run.did(|| "compact".to_owned());
        for side in Side::BOTH {
            let (map, reference) = (self.maps.get_mut(side), &mut self.references[side as usize]);
            // The entries that the compaction drops are compared first. They are only the writes
            // since the last compaction.
            sweep::stash_in_model(map, side, &self.model)?;
            exact::stash(map, side, reference)?;
            if side == Side::WithCache {
                states::compacted(map, run);
            }
            map.compact();
            reference.compact();
            run.step();
            exact::stash(map, side, reference)?;
            exact::slots(map, side, reference)?;
        }
        self.model.compact();
        self.room.compacted();
        Ok(())
    }

    pub(super) fn open_scope(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            run.redirected(|| format!("{}\nopen", operation_that_closes(self.forced)));
            self.close_scope(self.forced, run)?;
        }
        run.did(|| "open".to_owned());
        for side in Side::BOTH {
            self.maps.get_mut(side).scope_open();
            self.reference(side).open_scope();
            run.step();
        }
        self.model.open();
        Ok(())
    }

    pub(super) fn close_scope_as_told(
        &mut self,
        outcome: ScopeOutcome,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            return self.close_scope(outcome, run);
        }
        run.redirected(|| "open".to_owned());
        self.open_scope(run)
    }

    pub(super) fn close_scope(
        &mut self,
        outcome: ScopeOutcome,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        run.did(|| operation_that_closes(outcome).to_owned());
        let undo = self.model.scope_len();
        for side in Side::BOTH {
            let map = self.maps.get_mut(side);
            compare::scope(map, side, &self.model)?;
            let before = *map.statistics();
            map.scope_close(outcome);
            if side == Side::WithCache {
                states::closed(outcome, undo, &before, map.statistics(), run);
            }
            match outcome {
                ScopeOutcome::Persist => self.reference(side).persist(),
                ScopeOutcome::Discard => self.reference(side).discard(),
            }
            run.step();
        }
        match outcome {
            ScopeOutcome::Persist => self.model.persist(),
            ScopeOutcome::Discard => self.model.discard(),
        }
        run.remark(|| {
            let what = match outcome {
                ScopeOutcome::Persist => "kept",
                ScopeOutcome::Discard => "undone",
            };
            format!("{undo} writes {what}")
        });
        self.stash_within_room()
    }

    /// Compares the entries of the maps, closes an open scope, and resets the maps.
    pub(super) fn reset(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            Event::ResetInScope.count(run);
        }
        Event::Reset.count(run);
        run.did(|| "reset".to_owned());
        self.sweep_all(run)?;
        for side in Side::BOTH {
            self.maps.get_mut(side).reset();
            self.reference(side).reset();
            run.step();
        }
        self.model.reset();
        self.room.compacted();
        Ok(())
    }
}

fn operation_that_closes(outcome: ScopeOutcome) -> &'static str {
    match outcome {
        ScopeOutcome::Persist => "persist",
        ScopeOutcome::Discard => "discard",
    }
}

//! Compactions, scopes, resets.
//!
//! Invariants: a compaction leaves the cache unchanged and the stash empty; a scope's log has one
//! entry for each write; the entries that a compaction or a reset drops were correct.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::states;
use super::tested::Side;
use super::world::CacheMapWorld;
use downbeat::{Checked, Run, World};

impl CacheMapWorld {
    /// Compacts. An open scope is closed first.
    pub(super) fn compact(&mut self, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        run.did(|| "compact".to_owned());
        for tested in &mut self.maps {
            // The entries that the compaction drops are compared first. There are at most as many
            // as there were writes since the last compaction.
            tested.stash_in_model(&self.model)?;
            tested.check_stash()?;
            if tested.side == Side::WithCache {
                states::compacted(&tested.map, run);
            }
            tested.map.compact();
            tested.reference.compact();
            run.step();
            tested.check_stash()?;
            tested.check_slots()?;
        }
        self.model.compact();
        self.room.taken = 0;
        Ok(())
    }

    pub(super) fn open_scope(&mut self, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            run.redirected(|| format!("{}\nopen", operation_that_closes(self.forced)));
            self.close_scope(self.forced, run)?;
        }
        run.did(|| "open".to_owned());
        for tested in &mut self.maps {
            tested.map.scope_open();
            tested.reference.open_scope();
            run.step();
        }
        self.model.open();
        Ok(())
    }

    pub(super) fn close_scope_as_told(&mut self, outcome: ScopeOutcome, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            return self.close_scope(outcome, run);
        }
        run.redirected(|| "open".to_owned());
        self.open_scope(run)
    }

    pub(super) fn close_scope(&mut self, outcome: ScopeOutcome, run: &mut Run) -> Checked {
        run.did(|| operation_that_closes(outcome).to_owned());
        let undo = self.model.scope_len();
        for tested in &mut self.maps {
            tested.check_scope(&self.model)?;
            let before = *tested.map.statistics();
            tested.map.scope_close(outcome);
            if tested.side == Side::WithCache {
                states::closed(outcome, undo, &before, tested.map.statistics(), run);
            }
            match outcome {
                ScopeOutcome::Persist => tested.reference.persist(),
                ScopeOutcome::Discard => tested.reference.discard(),
            }
            run.step();
        }
        match outcome {
            ScopeOutcome::Persist => self.model.persist(),
            ScopeOutcome::Discard => self.model.discard(),
        }
        let what = if outcome == ScopeOutcome::Persist { "kept" } else { "undone" };
        run.remark(|| format!("{undo} writes {what}"));
        self.stash_within_room()
    }

    /// Compares the entries of the maps, closes an open scope, and resets the maps.
    pub(super) fn reset(&mut self, run: &mut Run) -> Checked {
        Event::ResetInScope.count_if(self.model.scope_is_open(), run);
        Event::Reset.count(run);
        run.did(|| "reset".to_owned());
        self.sweep(run)?;
        for tested in &mut self.maps {
            tested.map.reset();
            tested.reference.reset();
            run.step();
        }
        self.model.reset();
        self.room.taken = 0;
        Ok(())
    }
}

fn operation_that_closes(outcome: ScopeOutcome) -> &'static str {
    match outcome {
        ScopeOutcome::Persist => "persist",
        ScopeOutcome::Discard => "discard",
    }
}

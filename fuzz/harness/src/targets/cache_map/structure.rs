//! Compactions, scopes, resets.
//!
//! Invariants: a compaction leaves the cache as it was and the stash empty; a scope's log has one
//! entry for each write.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::{self, Event};
use super::maps::{Record, Side};
use super::world::CacheMapWorld;
use crate::failure::Divergence;
use crate::run::Run;

impl CacheMapWorld {
    /// Compacts; a scope is closed first.
    pub(super) fn compact(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        for side in Side::BOTH {
            let map = self.shelf.maps_mut().get_mut(side);
            let before = Self::fingerprint(map.slots());
            map.compact();
            run.step();
            let after = Self::fingerprint(map.slots());
            if before != after || map.stash_len() != 0 {
                return Err(Self::compaction_went_wrong(side, before, after, map.stash_len()));
            }
        }
        self.model.compact();
        self.room.compacted();
        Ok(())
    }

    pub(super) fn open_scope(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            let close = match self.forced {
                ScopeOutcome::Persist => "persist",
                ScopeOutcome::Discard => "discard",
            };
            run.redirected(|| format!("{close}\nopen"));
            self.close_scope(self.forced, run)?;
        }
        for side in Side::BOTH {
            self.shelf.maps_mut().get_mut(side).scope_open();
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
        let undo = self.model.scope_len();
        for side in Side::BOTH {
            let map = self.shelf.maps_mut().get_mut(side);
            if map.scope_len() != undo {
                return Err(Self::scope_len_differs(side, undo, map.scope_len()));
            }
            map.scope_close(outcome);
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

    pub(super) fn reset(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        Event::Reset.count(run);
        for side in Side::BOTH {
            events::harvest(self.shelf.maps().get(side), side, run);
            self.shelf.maps_mut().get_mut(side).reset();
            run.step();
        }
        self.model.reset();
        self.room.compacted();
        Ok(())
    }

    fn fingerprint<'a>(slots: impl Iterator<Item = &'a Record>) -> u64 {
        slots.fold(0, |sum, record| {
            (sum.rotate_left(5) ^ record.key ^ record.stamp.rotate_left(32))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
    }

    #[cold]
    fn compaction_went_wrong(side: Side, before: u64, after: u64, stash: usize) -> Divergence {
        Divergence {
            check: "compact-empties-the-stash-alone",
            what: "a compaction changes the cache, or leaves something in the stash",
            expected: format!("the slots as before ({before:016x}), an empty stash"),
            got: format!("slots {after:016x}, {stash} entries in the stash"),
            state: vec![format!("the map {}", side.name())],
        }
    }

    #[cold]
    fn scope_len_differs(side: Side, expected: usize, got: usize) -> Divergence {
        Divergence {
            check: "scope-logs-each-write",
            what: "a scope's log has not one entry for each write",
            expected: format!("{expected} entries"),
            got: format!("{got} entries"),
            state: vec![format!("the map {}", side.name())],
        }
    }
}

//! What is counted of a run: the maps' own statistics, and what the world did by itself.

use downbeat_lsm::collections::Statistics;

use super::maps::{Map, Side};
use crate::run::Run;

/// Events that the world counts, behind those of the statistics.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    OlderFound = 24,
    OlderAbsent,
    WrittenAgain,
    CompactForced,
    ScopeForced,
    Reset,
}

/// Every event, by number.
pub(super) const NAMES: &[&str] = &[
    "hit in the cache",
    "hit in the stash",
    "hit on a tombstone",
    "miss",
    "insert",
    "update",
    "eviction to the stash",
    "promotion from the stash",
    "insert over a tombstone",
    "remove from the cache",
    "remove from the stash",
    "compaction",
    "entry dropped from the stash",
    "scope persisted",
    "scope discarded",
    "undo: value restored",
    "undo: tombstone restored",
    "undo: insert taken from the cache",
    "undo: insert taken from the stash",
    "no cache: hit in the stash",
    "no cache: remove from the stash",
    "no cache: undo: value restored",
    "no cache: undo: tombstone restored",
    "no cache: undo: insert taken",
    "older value found",
    "older value absent",
    "older value written again before its removal",
    "compaction forced by a full stash",
    "scope closed by a limit",
    "reset",
];

impl Event {
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what a map's statistics say.
pub(super) fn harvest(map: &Map, side: Side, run: &mut Run) {
    let Statistics {
        hits_cache,
        hits_stash,
        hits_tombstone,
        misses,
        inserts,
        updates,
        evictions,
        promotions,
        tombstone_promotions,
        removes_from_cache,
        removes_from_stash,
        compactions,
        stash_dropped,
        scopes_persisted,
        scopes_discarded,
        undo_restores,
        undo_tombstones,
        undo_removes_from_cache,
        undo_removes_from_stash,
    } = *map.statistics();
    let (first, counts): (usize, &[u64]) = match side {
        Side::WithCache => (
            0,
            &[
                hits_cache,
                hits_stash,
                hits_tombstone,
                misses,
                inserts,
                updates,
                evictions,
                promotions,
                tombstone_promotions,
                removes_from_cache,
                removes_from_stash,
                compactions,
                stash_dropped,
                scopes_persisted,
                scopes_discarded,
                undo_restores,
                undo_tombstones,
                undo_removes_from_cache,
                undo_removes_from_stash,
            ],
        ),
        Side::WithoutCache => (
            19,
            &[
                hits_stash,
                removes_from_stash,
                undo_restores,
                undo_tombstones,
                undo_removes_from_stash,
            ],
        ),
    };
    for (event, count) in counts.iter().enumerate() {
        run.event(first + event, *count);
    }
}

const _: () = assert!(NAMES.len() == Event::Reset as usize + 1);

//! Events of a run: what the maps count, and what the world does.

use downbeat_lsm::collections::Statistics;

use super::tested::{Map, Side};
use downbeat::Run;

downbeat::events! {
    /// What the map with a cache has counted, in the order of the model's
    /// [`Fact`](downbeat_model::cache_map::reference::Fact)s.
    pub(super) fn facts(Statistics) {
        "hit in the cache" => hits_cache,
        "hit in the stash" => hits_stash,
        "hit on a tombstone" => hits_tombstone,
        "miss" => misses,
        "insert" => inserts,
        "update" => updates,
        "eviction to the stash" => evictions,
        "promotion from the stash" => promotions,
        "insert over a tombstone" => tombstone_promotions,
        "remove from the cache" => removes_from_cache,
        "remove from the stash" => removes_from_stash,
        "compaction" => compactions,
        "entry dropped from the stash" => stash_dropped,
        "scope persisted" => scopes_persisted,
        "scope discarded" => scopes_discarded,
        "undo: value restored" => undo_restores,
        "undo: tombstone restored" => undo_tombstones,
        "undo: insert taken from the cache" => undo_removes_from_cache,
        "undo: insert taken from the stash" => undo_removes_from_stash,
    }

    /// What the map without a cache has counted, where this differs from the map with a cache.
    fn facts_without_cache(statistics: &Statistics) {
        "no cache: hit in the stash" => statistics.hits_stash,
        "no cache: remove from the stash" => statistics.removes_from_stash,
        "no cache: undo: value restored" => statistics.undo_restores,
        "no cache: undo: tombstone restored" => statistics.undo_tombstones,
        "no cache: undo: insert taken" => statistics.undo_removes_from_stash,
    }

    /// What the world counts.
    pub(super) enum Event {
        OlderFound "older value found",
        OlderAbsent "older value absent",
        WrittenAgain "older value written again before its removal",
        CompactForced "compaction forced by a full stash",
        ScopeForced "scope closed by a limit",
        Reset "reset",
        ResetInScope "reset in a scope",
    }
}

/// Counts the statistics of a map as events of the run.
pub(super) fn harvest(map: &Map, side: Side, run: &mut Run) {
    match side {
        Side::WithCache => facts(map.statistics()).count(run),
        Side::WithoutCache => facts_without_cache(map.statistics()).count(run),
    }
}

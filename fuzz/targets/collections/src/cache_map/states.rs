//! States of the map with the cache: how full it is at a compaction, and how long scopes are.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::collections::cache_map::Statistics;

use super::tested::Map;
use downbeat::Run;
use downbeat::states::octave;

downbeat::states! {
    StashCompacted "entries in the stash at a compaction, in eighths of its room" 9,
    CacheCompacted "entries in the cache at a compaction, in eighths of its room" 9,
    ScopeKept "writes of a scope that was persisted, by octave" 7,
    ScopeUndone "writes of a scope that was discarded, by octave" 7,
    Undone "what one discard undid: 1 restored, 2 tombstone, 4 taken from the cache, 8 from the stash (8 alone is impossible, so sums above 8 count one less)" 15,
}

pub(super) fn compacted(map: &Map, run: &mut Run) {
    let stash = map.options().stash_capacity as usize;
    run.state(StashCompacted, eighths(map.stash_len(), stash));
    if let Some(cache) = map.options().cache {
        run.state(CacheCompacted, eighths(map.slots().count(), cache.slot_count()));
    }
}

pub(super) fn closed(
    outcome: ScopeOutcome,
    writes: usize,
    before: &Statistics,
    after: &Statistics,
    run: &mut Run,
) {
    if outcome == ScopeOutcome::Persist {
        return run.state(ScopeKept, octave(writes as u64));
    }
    run.state(ScopeUndone, octave(writes as u64));
    let grew = [
        before.undo_restores < after.undo_restores,
        before.undo_tombstones < after.undo_tombstones,
        before.undo_removes_from_cache < after.undo_removes_from_cache,
        before.undo_removes_from_stash < after.undo_removes_from_stash,
    ];
    let kinds: usize = grew.iter().enumerate().map(|(bit, grew)| usize::from(*grew) << bit).sum();
    // An insert is in the stash only if a later write of the scope evicted it. That write is
    // undone, too, so bit 8 is never set alone.
    run.state(Undone, kinds - usize::from(kinds >= 8));
}

/// The eighths of `room` that `len` fills, rounded down: 8 when full.
fn eighths(len: usize, room: usize) -> usize {
    8 * len / room
}

//! What is counted of a run: the maps' own statistics, and what the world did by itself.

use downbeat_lsm::collections::Statistics;

use super::maps::{Map, Side};
use downbeat::model::cache_map::reference::{Fact, Facts};
use downbeat::run::Run;

/// Facts that are counted of the map without a cache, too: those that differ from the other's.
const WITHOUT_CACHE: [Fact; 5] = [
    Fact::HitStash,
    Fact::RemoveFromStash,
    Fact::UndoRestore,
    Fact::UndoTombstone,
    Fact::UndoRemoveFromStash,
];

/// Events that the world counts, behind those of the statistics.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    OlderFound = Fact::NAMES.len() + WITHOUT_CACHE.len(),
    OlderAbsent,
    WrittenAgain,
    CompactForced,
    ScopeForced,
    Reset,
    ResetInScope,
}

const WORLD_NAMES: [&str; 7] = [
    "older value found",
    "older value absent",
    "older value written again before its removal",
    "compaction forced by a full stash",
    "scope closed by a limit",
    "reset",
    "reset in a scope",
];

const COUNT: usize = Event::ResetInScope as usize + 1;

/// Every event, by number.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < Fact::NAMES.len() {
        names[at] = Fact::NAMES[at];
        at += 1;
    }
    let without = [
        "no cache: hit in the stash",
        "no cache: remove from the stash",
        "no cache: undo: value restored",
        "no cache: undo: tombstone restored",
        "no cache: undo: insert taken",
    ];
    let mut next = 0;
    while next < without.len() {
        names[at] = without[next];
        (at, next) = (at + 1, next + 1);
    }
    next = 0;
    while next < WORLD_NAMES.len() {
        names[at] = WORLD_NAMES[next];
        (at, next) = (at + 1, next + 1);
    }
    names
};

impl Event {
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// A map's statistics, in the order of [`Fact`].
pub(super) fn facts(statistics: &Statistics) -> Facts {
    /// Every field, once: a new one does not compile until it has its place here.
    macro_rules! in_order {
        ($($field:ident),+ $(,)?) => {{
            let Statistics { $($field),+ } = *statistics;
            [$($field),+]
        }};
    }
    in_order!(
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
    )
}

/// Counts what a map's statistics say.
pub(super) fn harvest(map: &Map, side: Side, run: &mut Run) {
    let facts = facts(map.statistics());
    match side {
        Side::WithCache => {
            for (event, count) in facts.into_iter().enumerate() {
                run.event(event, count);
            }
        }
        Side::WithoutCache => {
            for (place, fact) in WITHOUT_CACHE.into_iter().enumerate() {
                run.event(facts.len() + place, facts[fact as usize]);
            }
        }
    }
}

//! Calls on a cache map that panic: each message says what to do.

use downbeat_lsm::collections::ScopeOutcome;

use crate::record::{Colliding, build, record, small, without_cache};

#[test]
#[should_panic(
    expected = "cache_map: the stash is full (capacity 8): compact at least every 8 writes"
)]
fn an_upsert_into_a_full_stash_panics() {
    let mut map = without_cache();
    for key in 0..9 {
        map.upsert(&record(key, 0));
    }
}

#[test]
#[should_panic(
    expected = "cache_map: the stash is full (capacity 8): compact at least every 8 writes"
)]
fn an_eviction_into_a_full_stash_panics() {
    let mut map = small();
    for key in 0..11 {
        map.upsert(&record(key, 0));
    }
}

#[test]
#[should_panic(
    expected = "cache_map: the stash is full (capacity 8): compact at least every 8 writes"
)]
fn tombstones_take_room_in_the_stash_as_entries_do() {
    let mut map = small();
    for key in 0..10 {
        map.upsert(&record(key, 0));
    }
    map.remove(9);
}

#[test]
#[should_panic(expected = "cache_map: a remove needs a live entry, and there is none (key 0x4)")]
fn a_remove_of_an_absent_key_panics() {
    small().remove(4);
}

#[test]
#[should_panic(expected = "cache_map: a remove needs a live entry, and there is none (key 0x1)")]
fn a_remove_of_a_removed_key_panics() {
    let mut map = small();
    map.upsert(&record(1, 0));
    map.remove(1);
    map.remove(1);
}

#[test]
#[should_panic(expected = "cache_map: a remove needs a live entry, and there is none (key 0x4)")]
fn a_remove_of_an_absent_key_panics_without_a_cache_too() {
    without_cache().remove(4);
}

#[test]
#[should_panic(expected = "cache_map: the undo log is full (scope_capacity 8): \
                           close the scope after at most 8 writes, or raise scope_capacity")]
fn more_writes_than_the_undo_log_has_room_for_panic() {
    let mut map = small();
    map.scope_open();
    for write in 0..9 {
        map.upsert(&record(1, write));
    }
}

#[test]
#[should_panic(expected = "cache_map: the undo log is full (scope_capacity 0)")]
fn a_remove_takes_room_in_the_undo_log_too() {
    let mut map = build::<Colliding>(None, 8, 0);
    map.upsert(&record(1, 0));
    map.scope_open();
    map.remove(1);
}

#[test]
#[should_panic(expected = "cache_map: close the scope before compacting")]
fn a_compaction_in_a_scope_panics() {
    let mut map = small();
    map.scope_open();
    map.compact();
}

#[test]
#[should_panic(expected = "cache_map: a scope is open already: scopes do not nest")]
fn a_scope_in_a_scope_panics() {
    let mut map = small();
    map.scope_open();
    map.scope_open();
}

#[test]
#[should_panic(expected = "cache_map: there is no open scope to close")]
fn closing_no_scope_panics() {
    small().scope_close(ScopeOutcome::Persist);
}

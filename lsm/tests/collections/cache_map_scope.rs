//! Tests of the scopes of a cache map: what a persisted scope keeps, and what a discarded one
//! undoes.

use downbeat_lsm::collections::{
    CacheMapLookup, CacheOptions, ScopeOutcome, StashEntry, Statistics, Ways,
};

use crate::record::{Colliding, build, record, small, without_cache};

#[test]
fn a_persisted_scope_keeps_its_writes() {
    for mut map in [small(), without_cache()] {
        map.upsert(&record(1, 10));
        map.upsert(&record(2, 20));
        map.scope_open();
        assert!(map.scope_is_open());
        map.upsert(&record(1, 11));
        map.remove(2);
        map.upsert(&record(3, 30));
        assert_eq!(map.scope_len(), 3);
        map.scope_close(ScopeOutcome::Persist);
        assert!(!map.scope_is_open());
        assert_eq!(map.scope_len(), 0);
        assert_eq!(map.get(1), Some(&record(1, 11)));
        assert_eq!(map.lookup(2), CacheMapLookup::Removed);
        assert_eq!(map.get(3), Some(&record(3, 30)));
        assert_eq!((map.statistics().scopes_persisted, map.statistics().scopes_discarded), (1, 0));
        map.check();
    }
}

#[test]
fn a_discarded_update_restores_the_value() {
    for mut map in [small(), without_cache()] {
        map.upsert(&record(1, 10));
        map.scope_open();
        map.upsert(&record(1, 11));
        map.upsert(&record(1, 12));
        map.scope_close(ScopeOutcome::Discard);
        assert_eq!(map.get(1), Some(&record(1, 10)));
        assert_eq!(map.scope_len(), 0);
        assert_eq!((map.statistics().scopes_discarded, map.statistics().undo_restores), (1, 2));
        // The counters include the undone writes, but not the undo.
        assert_eq!((map.statistics().inserts, map.statistics().updates), (1, 2));
        map.check();
    }
}

#[test]
fn a_discarded_update_restores_the_value_of_an_entry_evicted_meanwhile() {
    let mut map = small();
    map.upsert(&record(1, 10));
    map.scope_open();
    map.upsert(&record(1, 11));
    map.upsert(&record(2, 20));
    map.upsert(&record(3, 30));
    assert!(map.stash().eq([StashEntry::Live(&record(1, 11))]));
    map.scope_close(ScopeOutcome::Discard);
    assert_eq!(map.get(1), Some(&record(1, 10)));
    assert_eq!(map.lookup(2), CacheMapLookup::Absent);
    assert_eq!(map.lookup(3), CacheMapLookup::Absent);
    assert_eq!(map.statistics().promotions, 1);
    map.check();
}

#[test]
fn a_discarded_remove_restores_the_value() {
    for mut map in [small(), without_cache()] {
        map.upsert(&record(1, 10));
        map.scope_open();
        map.remove(1);
        map.scope_close(ScopeOutcome::Discard);
        assert_eq!(map.get(1), Some(&record(1, 10)));
        assert_eq!(map.statistics().undo_restores, 1);
        assert_eq!(map.statistics().tombstone_promotions, 1);
        map.check();
    }
}

#[test]
fn a_discarded_insert_over_a_tombstone_restores_the_tombstone() {
    for mut map in [small(), without_cache()] {
        map.upsert(&record(1, 10));
        map.remove(1);
        map.scope_open();
        map.upsert(&record(1, 11));
        map.scope_close(ScopeOutcome::Discard);
        assert_eq!(map.lookup(1), CacheMapLookup::Removed);
        assert!(map.stash().eq([StashEntry::Removed(1)]));
        let Statistics { undo_tombstones, removes_from_cache, removes_from_stash, .. } =
            *map.statistics();
        assert_eq!([undo_tombstones, removes_from_cache + removes_from_stash], [1, 2]);
        map.check();
    }
}

#[test]
fn a_discarded_insert_over_a_tombstone_restores_it_for_an_entry_evicted_meanwhile() {
    let mut map = small();
    map.upsert(&record(1, 10));
    map.remove(1);
    map.scope_open();
    map.upsert(&record(1, 11));
    map.upsert(&record(2, 20));
    map.upsert(&record(3, 30));
    map.upsert(&record(4, 40));
    assert!(map.stash().any(|entry| entry == StashEntry::Live(&record(1, 11))));
    map.scope_close(ScopeOutcome::Discard);
    assert_eq!(map.lookup(1), CacheMapLookup::Removed);
    assert_eq!(map.statistics().removes_from_stash, 1);
    map.check();
}

#[test]
fn a_discarded_insert_that_is_in_the_cache_leaves_nothing() {
    let mut map = small();
    map.scope_open();
    map.upsert(&record(1, 10));
    map.scope_close(ScopeOutcome::Discard);
    assert_eq!(map.lookup(1), CacheMapLookup::Absent);
    assert_eq!((map.slots().count(), map.stash_len()), (0, 0));
    assert_eq!(map.statistics().undo_removes_from_cache, 1);
    map.check();
}

#[test]
fn a_discarded_insert_that_was_evicted_to_the_stash_leaves_no_tombstone() {
    let mut map = small();
    map.scope_open();
    for key in 1..=3 {
        map.upsert(&record(key, 0));
    }
    assert!(map.stash().eq([StashEntry::Live(&record(1, 0))]));
    map.scope_close(ScopeOutcome::Discard);
    for key in 1..=3 {
        assert_eq!(map.lookup(key), CacheMapLookup::Absent);
    }
    assert_eq!((map.slots().count(), map.stash_len()), (0, 0));
    let Statistics { undo_removes_from_cache, undo_removes_from_stash, .. } = *map.statistics();
    assert_eq!([undo_removes_from_cache, undo_removes_from_stash], [2, 1]);
    map.check();
}

#[test]
fn a_discarded_insert_without_a_cache_leaves_nothing() {
    let mut map = without_cache();
    map.scope_open();
    map.upsert(&record(1, 10));
    map.scope_close(ScopeOutcome::Discard);
    assert_eq!(map.lookup(1), CacheMapLookup::Absent);
    assert_eq!(map.statistics().undo_removes_from_stash, 1);
}

#[test]
fn writes_of_one_key_are_undone_newest_first() {
    for mut map in [small(), without_cache()] {
        map.scope_open();
        map.upsert(&record(1, 10));
        map.upsert(&record(1, 11));
        map.remove(1);
        map.upsert(&record(1, 12));
        map.remove(1);
        map.scope_close(ScopeOutcome::Discard);
        assert_eq!(map.lookup(1), CacheMapLookup::Absent);
        assert_eq!((map.slots().count(), map.stash_len()), (0, 0));
        let Statistics { undo_restores, undo_tombstones, undo_removes_from_cache, .. } =
            *map.statistics();
        assert_eq!([undo_restores, undo_tombstones], [3, 1]);
        assert!(undo_removes_from_cache <= 1);
        map.check();
    }
}

#[test]
fn evictions_that_a_discarded_scope_caused_stay_and_lose_nothing() {
    let mut map = small();
    map.upsert(&record(1, 10));
    map.upsert(&record(2, 20));
    map.scope_open();
    map.upsert(&record(3, 30));
    map.upsert(&record(4, 40));
    map.scope_close(ScopeOutcome::Discard);
    assert_eq!(map.stash_len(), 2);
    assert_eq!(map.get(1), Some(&record(1, 10)));
    assert_eq!(map.get(2), Some(&record(2, 20)));
    map.check();
}

#[test]
fn many_discarded_inserts_take_no_room_in_the_stash() {
    let mut map = build::<Colliding>(Some(CacheOptions { ways: Ways::Four, sets: 1 }), 1, 1);
    for key in 0..100 {
        map.scope_open();
        map.upsert(&record(key, 0));
        map.scope_close(ScopeOutcome::Discard);
    }
    assert_eq!(map.stash_len(), 0);
}

#[test]
fn after_a_discarded_scope_another_one_takes_as_many_writes() {
    let mut map = small();
    for outcome in [ScopeOutcome::Discard, ScopeOutcome::Persist, ScopeOutcome::Discard] {
        map.scope_open();
        for write in 0..8 {
            map.upsert(&record(1, write));
        }
        assert_eq!(map.scope_len(), 8);
        map.scope_close(outcome);
    }
    assert_eq!(map.get(1), Some(&record(1, 7)));
}

//! Tests of a cache map outside of scopes: lookups, evictions, counters, reset.

use downbeat_lsm::collections::{CacheMapLookup, CacheOptions, StashEntry, Statistics, Ways};

use crate::record::{Colliding, Identity, Record, build, record, small, without_cache};

#[test]
fn a_lookup_distinguishes_found_removed_and_absent_keys() {
    for mut map in [small(), without_cache()] {
        assert_eq!(map.lookup(1), CacheMapLookup::Absent);
        map.upsert(&record(1, 10));
        assert_eq!(map.lookup(1), CacheMapLookup::Found(&record(1, 10)));
        map.remove(1);
        assert_eq!(map.lookup(1), CacheMapLookup::Removed);
        assert_eq!(map.get(1), None);
        map.compact();
        assert_eq!(map.lookup(1), CacheMapLookup::Absent);
        assert_eq!(map.get(1), None);
    }
}

#[test]
fn each_kind_of_lookup_has_its_counter() {
    let mut map = small();
    for key in 0..3 {
        map.upsert(&record(key, 0));
    }
    map.remove(1);
    map.get(2);
    map.get(2);
    map.get(2);
    map.lookup(0);
    map.lookup(0);
    map.lookup(1);
    for absent in 5..9 {
        map.get(absent);
    }
    let Statistics { hits_cache, hits_stash, hits_tombstone, misses, .. } = *map.statistics();
    assert_eq!([hits_cache, hits_stash, hits_tombstone, misses], [3, 2, 1, 4]);
}

#[test]
fn an_evicted_entry_is_found_in_the_stash() {
    let mut map = small();
    for key in 0..3 {
        map.upsert(&record(key, 10 * key));
    }
    assert!(map.stash().eq([StashEntry::Live(&record(0, 0))]));
    assert!(map.slots().eq([&record(2, 20), &record(1, 10)]));
    for key in 0..3 {
        assert_eq!(map.get(key), Some(&record(key, 10 * key)));
    }
    assert_eq!(map.statistics().evictions, 1);
    map.check();
}

#[test]
fn reading_an_entry_of_the_stash_leaves_it_there() {
    let mut map = small();
    for key in 0..3 {
        map.upsert(&record(key, 0));
    }
    map.get(0);
    map.get(0);
    assert!(map.stash().eq([StashEntry::Live(&record(0, 0))]));
}

#[test]
fn an_upsert_of_an_entry_in_the_stash_promotes_it_to_the_cache() {
    let mut map = small();
    for key in 0..3 {
        map.upsert(&record(key, 0));
    }
    map.upsert(&record(0, 7));
    assert_eq!(map.get(0), Some(&record(0, 7)));
    assert!(map.slots().any(|slot| slot.id == 0));
    // The entry moves to the cache, from which another entry is evicted.
    assert!(map.stash().eq([StashEntry::Live(&record(1, 0))]));
    let Statistics { inserts, updates, promotions, evictions, .. } = *map.statistics();
    assert_eq!([inserts, updates, promotions, evictions], [3, 1, 1, 2]);
    map.check();
}

#[test]
fn an_update_in_the_cache_moves_nothing() {
    let mut map = small();
    map.upsert(&record(1, 10));
    map.upsert(&record(1, 11));
    assert_eq!(map.get(1), Some(&record(1, 11)));
    assert_eq!(map.stash_len(), 0);
    let Statistics { inserts, updates, promotions, evictions, .. } = *map.statistics();
    assert_eq!([inserts, updates, promotions, evictions], [1, 1, 0, 0]);
}

#[test]
fn an_update_without_a_cache_is_made_in_the_stash() {
    let mut map = without_cache();
    map.upsert(&record(1, 10));
    map.upsert(&record(1, 11));
    assert!(map.stash().eq([StashEntry::Live(&record(1, 11))]));
    assert_eq!(map.slots().count(), 0);
    let Statistics { inserts, updates, promotions, .. } = *map.statistics();
    assert_eq!([inserts, updates, promotions], [1, 1, 0]);
    map.check();
}

#[test]
fn a_remove_leaves_a_tombstone_wherever_the_entry_was() {
    let mut map = small();
    for key in 0..3 {
        map.upsert(&record(key, 0));
    }
    map.remove(0);
    assert_eq!((map.statistics().removes_from_cache, map.statistics().removes_from_stash), (0, 1));
    map.remove(2);
    assert_eq!((map.statistics().removes_from_cache, map.statistics().removes_from_stash), (1, 1));
    assert!(map.stash().eq([StashEntry::Removed(0), StashEntry::Removed(2)]));
    assert!(map.slots().eq([&record(1, 0)]));
    map.check();
}

#[test]
fn an_upsert_over_a_tombstone_is_an_insert_that_replaces_it() {
    for mut map in [small(), without_cache()] {
        map.upsert(&record(1, 10));
        map.remove(1);
        map.upsert(&record(1, 11));
        assert_eq!(map.lookup(1), CacheMapLookup::Found(&record(1, 11)));
        assert!(map.stash().all(|entry| entry != StashEntry::Removed(1)));
        let Statistics { inserts, updates, tombstone_promotions, .. } = *map.statistics();
        assert_eq!([inserts, updates, tombstone_promotions], [2, 0, 1]);
        map.check();
    }
}

#[test]
fn a_compaction_empties_the_stash_and_leaves_the_cache() {
    let mut map = small();
    for key in 0..4 {
        map.upsert(&record(key, 0));
    }
    map.remove(3);
    map.compact();
    assert_eq!(map.stash_len(), 0);
    assert_eq!(map.lookup(0), CacheMapLookup::Absent);
    assert_eq!(map.lookup(2), CacheMapLookup::Found(&record(2, 0)));
    assert_eq!((map.statistics().compactions, map.statistics().stash_dropped), (1, 3));
    map.check();
}

#[test]
fn reading_keeps_an_entry_in_the_cache_over_a_compaction() {
    let mut map = small();
    map.upsert(&record(1, 0));
    map.upsert(&record(2, 0));
    map.get(1);
    map.upsert(&record(3, 0));
    map.compact();
    assert_eq!(map.lookup(1), CacheMapLookup::Found(&record(1, 0)));
    assert_eq!(map.lookup(2), CacheMapLookup::Absent);
}

#[test]
fn as_many_writes_as_the_stash_has_room_for_always_fit() {
    let mut map = without_cache();
    for _ in 0..3 {
        for key in 0..8 {
            map.upsert(&record(key, 0));
        }
        // Updates, and tombstones in place of entries, take no room.
        map.upsert(&record(7, 1));
        map.remove(7);
        assert_eq!(map.stash_len(), 8);
        map.compact();
    }
}

#[test]
fn a_reset_map_acts_as_a_new_map() {
    let cache = Some(CacheOptions { ways: Ways::Four, sets: 3 });
    let mut used = build::<Identity>(cache, 64, 8);
    for key in 0..40_u64 {
        used.upsert(&record(key << 58, key));
        used.get(0);
    }
    used.remove(0);
    used.scope_open();
    used.upsert(&record(5, 5));
    used.reset();
    used.check();
    assert!(!used.scope_is_open());
    assert_eq!(used.scope_len(), 0);
    assert_eq!(used.stash_len(), 0);
    assert_eq!(used.slots().count(), 0);
    assert_eq!(used.statistics(), &Statistics::default());
    assert_eq!(used.lookup(0), CacheMapLookup::Absent);

    let mut new = build::<Identity>(cache, 64, 8);
    new.lookup(0);
    for key in (0..60_u64).rev() {
        for map in [&mut used, &mut new] {
            map.upsert(&record(key << 58, key));
            map.get(7 << 58);
        }
        assert!(used.slots().eq(new.slots()));
        assert!(used.stash().eq(new.stash()));
        assert_eq!(used.statistics(), new.statistics());
    }
}

#[test]
fn the_order_of_the_stash_does_not_depend_on_the_hasher() {
    let mut colliding = build::<Colliding>(None, 32, 0);
    let mut identity = build::<Identity>(None, 32, 0);
    for key in [9, 3, 7, 1, 30, 12, 4] {
        colliding.upsert(&record(key, 0));
        identity.upsert(&record(key, 0));
    }
    colliding.remove(7);
    identity.remove(7);
    let keys = |entry: StashEntry<'_, Record>| match entry {
        StashEntry::Live(record) => (record.id, true),
        StashEntry::Removed(key) => (key, false),
    };
    let order = colliding.stash().map(keys).collect::<Vec<_>>();
    assert_eq!(order, identity.stash().map(keys).collect::<Vec<_>>());
    assert_eq!(order[2], (7, false));
}

//! Tests of a set-associative cache: lookups and evictions.

use std::hash::BuildHasher;

use downbeat_lsm::collections::{CacheOptions, SetAssociativeCache, Upserted, Ways};

use crate::record::{Colliding, Identity, Record, record};

fn cache<S: BuildHasher + Default>(ways: Ways, sets: u32) -> SetAssociativeCache<Record, S> {
    SetAssociativeCache::new(CacheOptions { ways, sets }, S::default()).expect("valid")
}

/// One set of four slots, filled with the keys 0 to 3. The hand is at 0.
fn full() -> SetAssociativeCache<Record, Colliding> {
    let mut cache = cache(Ways::Four, 1);
    for key in 0..4 {
        assert_eq!(cache.upsert(&record(key, 10 * key)), Upserted::Inserted { evicted: None });
    }
    cache
}

fn evicted_by<S: BuildHasher>(cache: &mut SetAssociativeCache<Record, S>, key: u64) -> Option<u64> {
    match cache.upsert(&record(key, key.wrapping_mul(10))) {
        Upserted::Inserted { evicted } => evicted.map(|record| record.id),
        Upserted::Updated { previous } => panic!("{previous:?} was in the cache"),
    }
}

#[test]
fn a_new_cache_holds_nothing() {
    let mut cache = cache::<Colliding>(Ways::Sixteen, 3);
    assert!(cache.is_empty());
    assert_eq!(cache.len(), 0);
    assert_eq!(cache.capacity(), 48);
    assert_eq!(cache.options(), &CacheOptions { ways: Ways::Sixteen, sets: 3 });
    assert_eq!(cache.get(0), None);
    assert_eq!(cache.remove(0), None);
    assert_eq!(cache.slots().count(), 0);
    cache.check();
}

#[test]
fn an_entry_is_found_with_its_latest_value() {
    let mut cache = full();
    let updated = cache.upsert(&record(2, 99));
    assert_eq!(updated, Upserted::Updated { previous: record(2, 20) });
    assert_eq!(cache.get(2), Some(&record(2, 99)));
    assert_eq!(cache.peek(3), Some(&record(3, 30)));
    assert_eq!(cache.peek(4), None);
    assert_eq!(cache.len(), 4);
    cache.check();
}

#[test]
fn a_removed_key_is_not_found_and_its_slot_is_free() {
    let mut cache = full();
    assert_eq!(cache.remove(1), Some(record(1, 10)));
    assert_eq!(cache.remove(1), None);
    assert_eq!(cache.get(1), None);
    assert_eq!(cache.len(), 3);
    assert_eq!(cache.slots().map(|record| record.id).collect::<Vec<_>>(), [0, 2, 3]);
    cache.check();
}

#[test]
fn a_full_set_evicts_one_entry_for_each_insert_when_all_hashes_collide() {
    for ways in [Ways::Two, Ways::Four, Ways::Sixteen] {
        let mut cache = cache::<Colliding>(ways, 3);
        let ways = ways.count() as u64;
        for key in 0..5 * ways {
            // No entry was read, so the oldest is evicted first.
            assert_eq!(evicted_by(&mut cache, key), key.checked_sub(ways));
            cache.check();
        }
        for key in 0..5 * ways {
            assert_eq!(cache.get(key).is_some(), key >= 4 * ways);
        }
        assert_eq!(cache.len() as u64, ways);
    }
}

#[test]
fn an_evicted_key_is_not_found_under_its_old_tag() {
    let mut cache = full();
    assert_eq!(evicted_by(&mut cache, 4), Some(0));
    assert_eq!(cache.get(0), None);
    assert_eq!(cache.get(4), Some(&record(4, 40)));
}

#[test]
fn an_entry_that_was_read_gets_a_second_chance() {
    let mut cache = full();
    cache.get(0);
    assert_eq!(evicted_by(&mut cache, 4), Some(1));
    // The hand passed 0, which lost the strength from its read.
    assert_eq!(evicted_by(&mut cache, 5), Some(2));
    assert_eq!(evicted_by(&mut cache, 6), Some(3));
    assert_eq!(evicted_by(&mut cache, 7), Some(0));
    cache.check();
}

#[test]
fn an_entry_read_twice_or_more_gets_a_third_chance_and_no_fourth() {
    for reads in [2, 3, 10] {
        let mut cache = full();
        for _ in 0..reads {
            cache.get(0);
        }
        let evicted = (4..11).map(|key| evicted_by(&mut cache, key)).collect::<Vec<_>>();
        // The hand passes 0 twice. Of the keys written since, the oldest is evicted first.
        assert_eq!(evicted, [1, 2, 3, 4, 5, 6, 0].map(Some));
        cache.check();
    }
}

#[test]
fn the_hand_finds_a_slot_when_all_entries_have_full_strength() {
    for ways in [Ways::Two, Ways::Four, Ways::Sixteen] {
        let mut cache = cache::<Colliding>(ways, 1);
        let ways = ways.count() as u64;
        for key in 0..ways {
            evicted_by(&mut cache, key);
            cache.get(key);
            cache.get(key);
        }
        // Two rounds of the hand make all entries weak, and the third evicts the first entry. The
        // others stay weak.
        assert_eq!(evicted_by(&mut cache, 100), Some(0));
        assert_eq!(evicted_by(&mut cache, 101), Some(1));
        cache.check();
    }
}

#[test]
fn an_update_makes_a_strong_entry_weak() {
    let mut cache = full();
    cache.get(0);
    cache.get(0);
    cache.upsert(&record(0, 1));
    assert_eq!(evicted_by(&mut cache, 4), Some(0));
}

#[test]
fn peeking_strengthens_nothing() {
    let mut cache = full();
    for _ in 0..3 {
        assert_eq!(cache.peek(0), Some(&record(0, 0)));
    }
    assert_eq!(evicted_by(&mut cache, 4), Some(0));
}

#[test]
fn an_empty_slot_is_used_only_when_the_hand_reaches_it() {
    let mut cache = full();
    cache.remove(1);
    // The hand is at 0, which is weak: it is evicted although slot 1 is free.
    assert_eq!(evicted_by(&mut cache, 4), Some(0));
    assert_eq!(evicted_by(&mut cache, 5), None);
    assert_eq!(cache.slots().map(|record| record.id).collect::<Vec<_>>(), [4, 5, 2, 3]);
    cache.check();
}

#[test]
fn any_number_of_sets_holds_its_keys() {
    for sets in [1, 3, 7] {
        for ways in [Ways::Two, Ways::Four, Ways::Sixteen] {
            let mut cache = cache::<Identity>(ways, sets);
            let count = cache.capacity() as u64;
            // The hashes are spread evenly, with equal tags: sets fill exactly.
            let keys = (0..count).map(|index| (u64::MAX / count * index + (1 << 32)) & !0xFF);
            for key in keys.clone() {
                assert_eq!(evicted_by(&mut cache, key), None);
            }
            assert_eq!(cache.len(), cache.capacity());
            for key in keys {
                assert_eq!(cache.get(key).map(|record| record.id), Some(key));
            }
            assert!(evicted_by(&mut cache, u64::MAX).is_some());
            cache.check();
        }
    }
}

#[test]
fn keys_of_other_sets_evict_nothing() {
    let mut cache = cache::<Identity>(Ways::Two, 2);
    evicted_by(&mut cache, u64::MAX);
    for key in 0..10 {
        evicted_by(&mut cache, key);
    }
    assert!(cache.get(u64::MAX).is_some());
    assert_eq!(cache.len(), 3);
}

#[test]
fn a_reset_cache_acts_as_a_new_cache() {
    let mut used = full();
    used.get(1);
    evicted_by(&mut used, 4);
    used.reset();
    used.check();
    assert!(used.is_empty());
    assert_eq!(used.slots().count(), 0);
    assert_eq!(used.peek(2), None);

    let mut new = cache::<Colliding>(Ways::Four, 1);
    for key in [5, 1, 9, 2, 7, 7, 3, 8] {
        assert_eq!(used.upsert(&record(key, 0)), new.upsert(&record(key, 0)));
        assert_eq!(used.get(2), new.get(2));
        assert!(used.slots().eq(new.slots()));
    }
}

//! Tests of options: each invalid option is refused with a reason that says what to change.

use downbeat_lsm::collections::{
    CacheMap, CacheMapOptions, CacheOptions, InvalidOptions, SetAssociativeCache, Ways,
};

use crate::record::{Colliding, Record};

const VALID: CacheMapOptions = CacheMapOptions {
    cache: Some(CacheOptions { ways: Ways::Four, sets: 1 }),
    stash_capacity: 1,
    scope_capacity: 0,
};

fn refusal(options: CacheMapOptions) -> InvalidOptions {
    let reason = options.validate().expect_err("the options are invalid");
    let map = CacheMap::<Record, _>::new(options, Colliding::default());
    assert_eq!(map.err(), Some(reason));
    reason
}

#[test]
fn the_smallest_options_are_valid() {
    assert_eq!(VALID.validate(), Ok(()));
    assert_eq!(CacheMapOptions { cache: None, ..VALID }.validate(), Ok(()));
    let map = CacheMap::<Record, _>::new(VALID, Colliding::default()).expect("valid");
    assert_eq!(map.options(), &VALID);
}

#[test]
fn the_largest_options_are_valid() {
    let options = CacheMapOptions {
        cache: Some(CacheOptions { ways: Ways::Two, sets: 1 << 29 }),
        stash_capacity: CacheMapOptions::STASH_CAPACITY_MAX,
        scope_capacity: CacheMapOptions::SCOPE_CAPACITY_MAX,
    };
    assert_eq!(options.validate(), Ok(()));
}

#[test]
fn a_cache_without_sets_is_refused() {
    let options = CacheOptions { ways: Ways::Four, sets: 0 };
    let reason = refusal(CacheMapOptions { cache: Some(options), ..VALID });
    assert_eq!(reason, InvalidOptions::SetsZero);
    assert!(reason.to_string().contains("set it to 1 or more"));

    let cache = SetAssociativeCache::<Record, _>::new(options, Colliding::default());
    assert_eq!(cache.err(), Some(reason));
}

#[test]
fn a_cache_of_too_many_slots_is_refused() {
    let options = CacheOptions { ways: Ways::Sixteen, sets: u32::MAX };
    let reason = refusal(CacheMapOptions { cache: Some(options), ..VALID });
    let InvalidOptions::SlotsOverLimit { slots, slots_max } = reason else {
        panic!("not the reason: {reason:?}");
    };
    assert_eq!(slots, 16 * u64::from(u32::MAX));
    assert_eq!(slots_max, CacheOptions::SLOTS_MAX);
    assert!(reason.to_string().contains("lower sets until there are at most 1073741824 slots"));
}

#[test]
fn a_stash_without_room_is_refused() {
    let reason = refusal(CacheMapOptions { stash_capacity: 0, ..VALID });
    assert_eq!(reason, InvalidOptions::StashCapacityZero);
    assert!(reason.to_string().contains("number of writes between two compactions"));
}

#[test]
fn a_stash_over_the_limit_is_refused() {
    let capacity = CacheMapOptions::STASH_CAPACITY_MAX + 1;
    let reason = refusal(CacheMapOptions { stash_capacity: capacity, ..VALID });
    let capacity_max = CacheMapOptions::STASH_CAPACITY_MAX;
    assert_eq!(reason, InvalidOptions::StashCapacityOverLimit { capacity, capacity_max });
    assert!(reason.to_string().contains("lower it to at most 536870912"));
}

#[test]
fn an_undo_log_over_the_limit_is_refused() {
    let reason = refusal(CacheMapOptions { scope_capacity: u32::MAX, ..VALID });
    let capacity_max = CacheMapOptions::SCOPE_CAPACITY_MAX;
    assert_eq!(reason, InvalidOptions::ScopeCapacityOverLimit { capacity: u32::MAX, capacity_max });
    assert!(reason.to_string().contains("lower it to at most 536870912"));
}

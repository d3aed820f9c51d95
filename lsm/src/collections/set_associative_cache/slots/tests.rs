//! Tests of the checks, and of the set and tag of a hash.

use super::*;
use crate::collections::Ways;
use std::hash::{BuildHasherDefault, Hasher};

impl Cached for u64 {
    type Key = u64;
    fn key(&self) -> u64 {
        *self
    }
}

/// The hash of a number is the number.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("keys are numbers");
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

const IDENTITY: BuildHasherDefault<Identity> = BuildHasherDefault::new();

fn three_entries() -> Slots<u64> {
    let mut slots = Slots::new(CacheOptions { ways: Ways::Two, sets: 2 }).expect("valid");
    for key in [0, 1 << 63, (1 << 63) + 1] {
        slots.upsert(key, &key);
    }
    slots.check(&IDENTITY);
    slots
}

#[test]
fn the_set_is_the_hash_scaled_to_the_number_of_sets() {
    for sets in [1, 3, 7] {
        let slots = Slots::<u64>::new(CacheOptions { ways: Ways::Two, sets }).expect("valid");
        assert_eq!(slots.place(0).set, 0);
        assert_eq!(slots.place(u64::MAX).set, sets as usize - 1);
        let share = u64::MAX / u64::from(sets);
        for set in 0..sets {
            let hash = u64::from(set) * share + share / 2;
            assert_eq!(slots.place(hash).set, set as usize);
        }
        assert_eq!(slots.place(0x1234).tag, 0x34);
    }
}

#[test]
#[should_panic(expected = "a key must lie in the set of its hash")]
fn a_value_in_a_wrong_set_is_noticed() {
    let mut slots = three_entries();
    slots.values.swap(0, 2);
    slots.check(&IDENTITY);
}

#[test]
#[should_panic(expected = "a tag must be the one of its key's hash")]
fn a_wrong_tag_is_noticed() {
    let mut slots = three_entries();
    slots.tags.put(0, 0, 0x77);
    slots.check(&IDENTITY);
}

#[test]
#[should_panic(expected = "a key must be in one slot")]
fn a_key_in_two_slots_is_noticed() {
    let mut slots = three_entries();
    slots.values[3] = slots.values[2];
    slots.tags.put(1, 1, 0);
    slots.check(&IDENTITY);
}

#[test]
#[should_panic(expected = "the length must be the number of live slots")]
fn a_wrong_length_is_noticed() {
    let mut slots = three_entries();
    slots.len += 1;
    slots.check(&IDENTITY);
}

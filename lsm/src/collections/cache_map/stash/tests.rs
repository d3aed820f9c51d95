//! Tests of the order of entries, of the memory of the index, and of the checks.

use super::*;

/// A value that is its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number(u32);

impl Cached for Number {
    type Key = u32;
    fn key(&self) -> u32 {
        self.0
    }
}

fn live(key: u32) -> Entry<Number> {
    Entry::Live(Number(key))
}

fn keys(stash: &Stash<Number>) -> Vec<u32> {
    stash.iter().map(Entry::key).collect()
}

fn filled(hash: impl Fn(u32) -> u64) -> Stash<Number> {
    let mut stash = Stash::new(5);
    for key in 0..5 {
        assert!(stash.put(hash(key), live(key)).is_none());
    }
    stash
}

#[test]
fn the_last_entry_fills_the_gap_of_a_removed_entry_even_if_hashes_collide() {
    let mut stash = filled(|_| 7);
    assert!(stash.remove(7, 1).is_some_and(|entry| entry.key() == 1));
    assert_eq!(keys(&stash), [0, 4, 2, 3]);
    stash.remove(7, 3);
    assert_eq!(keys(&stash), [0, 4, 2]);
    assert!(stash.remove(7, 3).is_none());
    stash.check();
}

#[test]
fn only_a_live_entry_can_be_buried() {
    let mut stash = filled(u64::from);
    assert_eq!(stash.bury(3, 3), Some(Number(3)));
    assert_eq!(stash.bury(3, 3), None);
    assert_eq!(stash.bury(9, 9), None);
    assert!(matches!(stash.get(3, 3), Some(Entry::Removed(3))));
    stash.check();
}

#[test]
fn nothing_is_allocated_after_construction_whatever_is_removed() {
    for capacity in [1, 2, 3, 7, 14, 28, 100] {
        let mut stash = Stash::new(capacity);
        let (index, entries) = (stash.index.allocation_size(), stash.entries.capacity());
        // The keys of one round collide; each round has another hash. Removals leave deletion
        // marks. When the index has no room left, it must clear the marks in place.
        let mut clean_up_count = 0;
        for round in 0..50 {
            let hash = round * u64::from(capacity) * 7;
            for key in 0..capacity {
                let room = stash.index.capacity();
                stash.put(hash, live(key));
                stash.put(hash, live(key)).expect("it is there");
                clean_up_count += usize::from(stash.index.capacity() > room);
            }
            stash.check();
            for key in 0..capacity {
                stash.remove(hash, key).expect("it is there");
            }
        }
        assert!(capacity < 100 || clean_up_count > 0);
        stash.clear();
        stash.check();
        assert_eq!(stash.index.allocation_size(), index);
        assert_eq!(stash.entries.capacity(), entries);
    }
}

#[test]
fn a_cleared_index_has_as_much_room_as_a_new_index_even_if_it_was_empty() {
    let mut stash = Stash::new(100);
    let room = stash.index.capacity();
    for key in 0..100 {
        stash.put(0, live(key));
    }
    for key in 0..100 {
        stash.remove(0, key);
    }
    assert!(stash.index.capacity() < room, "removals among many collisions leave marks");
    stash.clear();
    assert_eq!(stash.index.capacity(), room);
    assert_eq!(stash.len(), 0);
}

#[test]
#[should_panic(expected = "a key must be in the stash once, and in its index")]
fn an_entry_under_a_wrong_hash_is_noticed() {
    let mut stash = filled(u64::from);
    stash.entries[2].hash = u64::MAX;
    stash.check();
}

#[test]
#[should_panic(expected = "the stash's index must have one position for each entry")]
fn an_index_with_more_entries_than_the_stash_is_noticed() {
    let mut stash = filled(u64::from);
    stash.index.insert_unique(77, 0, |_| 0);
    stash.check();
}

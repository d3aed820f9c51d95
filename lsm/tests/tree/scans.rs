//! Tests of ranges and scans that the fuzzing suite does not cover: bounds, seeks, and scans that
//! have ended.

use std::ops::Bound;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Range, Store, StoreOptions};

use crate::records::Entry;
use crate::stores::memory;

/// Two hundred records on disk, in order, and nothing in memory.
fn filled() -> Store<Entry, MemoryStorage> {
    let mut options = StoreOptions::tiny(512);
    options.layout.block_size = 1024;
    options.tree.beat_value_count_max = 50;
    let mut store =
        Store::<Entry, _>::format(memory(&options), &options, 7).expect("a sound device");
    for key in 0..200 {
        store.put(&Entry { key, stamp: key }).expect("a sound device");
    }
    store.checkpoint().expect("a sound device");
    store
}

/// The number of block reads, from the cache or the device.
fn asked(store: &Store<Entry, MemoryStorage>) -> u64 {
    let statistics = store.grid().statistics();
    statistics.read_from_cache + statistics.read_from_writes + statistics.read_from_device
}

#[test]
fn a_seek_within_the_current_block_reads_no_block() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut store = filled();
        store.by_hand().scan_begin(0..200, direction);
        let way = |far: u64| if direction == Direction::Ascending { far } else { 199 - far };
        assert_eq!(store.by_hand().scan_next().unwrap().unwrap().key, way(0));
        let before = asked(&store);
        for far in [3, 4, 9] {
            store.by_hand().scan_seek(way(far));
            assert_eq!(store.by_hand().scan_next().unwrap().unwrap().key, way(far));
        }
        assert_eq!(asked(&store), before);
        store.by_hand().scan_seek(way(150));
        assert_eq!(store.by_hand().scan_next().unwrap().unwrap().key, way(150));
        assert!(asked(&store) > before);
        let rest = std::iter::from_fn(|| store.by_hand().scan_next()).count();
        assert_eq!(rest, 49);
    }
}

#[test]
fn a_scan_that_ends_after_the_tree_changed_holds_no_block() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let buffers = store.grid().unused_buffers();
    store.by_hand().scan_begin(150..=160, Direction::Ascending);
    for key in 150..=160 {
        assert_eq!(store.by_hand().scan_next().unwrap().unwrap().key, key);
    }
    store.put(&Entry { key: 3, stamp: 3 }).unwrap();
    assert_eq!(store.by_hand().scan_next(), None);
    assert_eq!(store.grid().unused_buffers(), buffers);
}

#[test]
fn seeks_of_every_width_skip_no_record() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let way = |far: u64| if direction == Direction::Ascending { far } else { 199 - far };
        let mut store = filled();
        for width in 1..=199 {
            store.by_hand().grid_mut().drop_cache();
            store.by_hand().scan_begin(0..200, direction);
            for far in (0..200).step_by(width) {
                store.by_hand().scan_seek(way(far));
                assert_eq!(store.by_hand().scan_next().unwrap().unwrap().key, way(far), "{width}");
            }
        }
        store.by_hand().scan_end();
    }
}

#[test]
fn a_range_that_has_ended_stays_ended_after_a_seek() {
    let options = StoreOptions::tiny(512);
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    for key in 0..10 {
        store.put(&Entry { key, stamp: 1 }).unwrap();
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut range = store.range(0..=20);
        if direction == Direction::Descending {
            range = range.rev();
        }
        assert_eq!(range.by_ref().count(), 10);
        range.seek(5);
        assert!(range.next().is_none());
    }
}

/// The keys of the records that a range returns.
fn keys(range: Range<'_, Entry, MemoryStorage>) -> Vec<u64> {
    range.map(|entry| entry.expect("a sound device").key).collect()
}

#[test]
fn a_range_gives_the_keys_within_its_bounds_in_both_directions() {
    let mut store = filled();
    assert_eq!(keys(store.range(3..6)), [3, 4, 5]);
    assert_eq!(keys(store.range(3..=6).rev()), [6, 5, 4, 3]);
    assert_eq!(keys(store.range(3..6).rev().rev()), [3, 4, 5]);
    assert_eq!(keys(store.range(198..)), [198, 199]);
    assert_eq!(keys(store.range(..2).rev()), [1, 0]);
    assert_eq!(keys(store.range((Bound::Excluded(7), Bound::Excluded(9)))), [8]);
    assert_eq!(store.range(..).count(), 200);
}

#[test]
fn a_range_is_empty_if_no_key_is_within_its_bounds() {
    let mut store = filled();
    store.by_hand().scan_begin(.., Direction::Ascending);
    #[expect(clippy::reversed_empty_ranges, reason = "reversed bounds are tested, too")]
    let empty = [3..3, 5..3, 0..0];
    for bounds in empty {
        assert_eq!(keys(store.range(bounds.clone())), []);
        assert_eq!(keys(store.range(bounds.clone()).rev()), []);
        let mut range = store.range(bounds.clone());
        range.seek(3);
        assert_eq!(range.next(), None);
        drop(range);
        store.by_hand().scan_begin(bounds, Direction::Ascending);
        assert_eq!(store.by_hand().scan_next(), None);
    }
    assert_eq!(keys(store.range(200..)), []);
    assert_eq!(keys(store.range((Bound::Excluded(u64::MAX), Bound::Unbounded))), []);
}

#[test]
fn a_range_ends_the_scan_that_is_under_way_even_if_it_reads_nothing() {
    let mut store = filled();
    store.by_hand().scan_begin(.., Direction::Ascending);
    assert_eq!(store.by_hand().scan_next().unwrap().unwrap().key, 0);
    drop(store.range(..));
    assert_eq!(store.by_hand().scan_next(), None);
}

#[test]
fn a_range_can_seek_before_its_first_record() {
    let mut store = filled();
    let mut range = store.range(..);
    range.seek(198);
    assert_eq!(keys(range), [198, 199]);
    let mut range = store.range(..).rev();
    range.seek(1);
    assert_eq!(keys(range), [1, 0]);
}

#[test]
#[should_panic(expected = "store: a range must be reversed before its first record")]
fn a_range_is_not_reversed_after_its_first_record() {
    let mut store = filled();
    let mut range = store.range(..);
    let _ = range.next();
    let _ = range.rev();
}

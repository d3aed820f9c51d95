//! Tests of scans that the fuzzing suite does not cover: seeks, and scans that have ended.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreOptions};

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
        store.scan_begin(KeyRange::new(0, 199), direction);
        let way = |far: u64| if direction == Direction::Ascending { far } else { 199 - far };
        assert_eq!(store.scan_next().unwrap().unwrap().key, way(0));
        let before = asked(&store);
        for far in [3, 4, 9] {
            store.scan_seek(way(far));
            assert_eq!(store.scan_next().unwrap().unwrap().key, way(far));
        }
        assert_eq!(asked(&store), before);
        store.scan_seek(way(150));
        assert_eq!(store.scan_next().unwrap().unwrap().key, way(150));
        assert!(asked(&store) > before);
        let rest = std::iter::from_fn(|| store.scan_next()).count();
        assert_eq!(rest, 49);
    }
}

#[test]
fn a_scan_that_ends_after_the_tree_changed_holds_no_block() {
    let mut store = filled();
    store.grid_mut().drop_cache();
    let buffers = store.grid().unused_buffers();
    store.scan_begin(KeyRange::new(150, 160), Direction::Ascending);
    for key in 150..=160 {
        assert_eq!(store.scan_next().unwrap().unwrap().key, key);
    }
    store.put(&Entry { key: 3, stamp: 3 }).unwrap();
    assert_eq!(store.scan_next(), None);
    assert_eq!(store.grid().unused_buffers(), buffers);
}

#[test]
fn seeks_of_every_width_skip_no_record() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let way = |far: u64| if direction == Direction::Ascending { far } else { 199 - far };
        let mut store = filled();
        for width in 1..=199 {
            store.grid_mut().drop_cache();
            store.scan_begin(KeyRange::new(0, 199), direction);
            for far in (0..200).step_by(width) {
                store.scan_seek(way(far));
                assert_eq!(store.scan_next().unwrap().unwrap().key, way(far), "{width}");
            }
        }
        store.scan_end();
    }
}

#[test]
fn a_scan_that_has_ended_stays_ended_after_any_seek() {
    let options = StoreOptions::tiny(512);
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    for key in 0..10 {
        store.put(&Entry { key, stamp: 1 }).unwrap();
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut scan = store.scan(KeyRange::new(0, 20), direction);
        assert_eq!(scan.by_ref().count(), 10);
        scan.seek(5);
        assert!(scan.next().is_none());
    }
}

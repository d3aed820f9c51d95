//! Tests of ranges and scans: bounds, seeks, several scans at once, and scans that have ended.

use std::ops::Bound;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Range, ScanProgress, ScanTicket, Store, StoreError, StoreOptions};

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

/// The next record of a scan, or `None` if there are no more records. Waits for the device.
fn next_of(
    store: &mut Store<Entry, MemoryStorage>,
    scan: &ScanTicket,
) -> Option<Result<Entry, StoreError>> {
    loop {
        match store.by_hand().scan_next(scan) {
            Ok(ScanProgress::Record(record)) => return Some(Ok(record)),
            Ok(ScanProgress::Ended) => return None,
            Ok(ScanProgress::Pending) => {
                assert!(store.by_hand().step(), "the device completes what it was asked for");
            }
            Err(error) => return Some(Err(error)),
        }
    }
}

#[test]
fn a_seek_within_the_current_block_reads_no_block() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut store = filled();
        let scan = store.by_hand().scan_begin(0..200, direction).unwrap();
        let way = |far: u64| if direction == Direction::Ascending { far } else { 199 - far };
        assert_eq!(next_of(&mut store, &scan).unwrap().unwrap().key, way(0));
        let before = asked(&store);
        for far in [3, 4, 9] {
            store.by_hand().scan_seek(&scan, way(far));
            assert_eq!(next_of(&mut store, &scan).unwrap().unwrap().key, way(far));
        }
        assert_eq!(asked(&store), before);
        store.by_hand().scan_seek(&scan, way(150));
        assert_eq!(next_of(&mut store, &scan).unwrap().unwrap().key, way(150));
        assert!(asked(&store) > before);
        let rest = std::iter::from_fn(|| next_of(&mut store, &scan)).count();
        assert_eq!(rest, 49);
    }
}

#[test]
fn a_scan_that_ends_after_the_tree_changed_holds_no_block() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let buffers = store.grid().unused_buffers();
    let scan = store.by_hand().scan_begin(150..=160, Direction::Ascending).unwrap();
    for key in 150..=160 {
        assert_eq!(next_of(&mut store, &scan).unwrap().unwrap().key, key);
    }
    store.put(&Entry { key: 3, stamp: 3 }).unwrap();
    assert_eq!(next_of(&mut store, &scan), None);
    assert_eq!(store.grid().unused_buffers(), buffers);
}

#[test]
fn seeks_of_every_width_skip_no_record() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let way = |far: u64| if direction == Direction::Ascending { far } else { 199 - far };
        let mut store = filled();
        for width in 1..=199 {
            store.by_hand().grid_mut().drop_cache();
            let scan = store.by_hand().scan_begin(0..200, direction).unwrap();
            for far in (0..200).step_by(width) {
                store.by_hand().scan_seek(&scan, way(far));
                assert_eq!(next_of(&mut store, &scan).unwrap().unwrap().key, way(far), "{width}");
            }
            store.by_hand().scan_end(scan);
        }
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
    #[expect(clippy::reversed_empty_ranges, reason = "reversed bounds are tested, too")]
    let empty = [3..3, 5..3, 0..0];
    for bounds in empty {
        assert_eq!(keys(store.range(bounds.clone())), []);
        assert_eq!(keys(store.range(bounds.clone()).rev()), []);
        let mut range = store.range(bounds.clone());
        range.seek(3);
        assert_eq!(range.next(), None);
        drop(range);
        let scan = store.by_hand().scan_begin(bounds, Direction::Ascending).unwrap();
        store.by_hand().scan_seek(&scan, 3);
        assert_eq!(next_of(&mut store, &scan), None);
        store.by_hand().scan_end(scan);
    }
    assert_eq!(keys(store.range(200..)), []);
    assert_eq!(keys(store.range((Bound::Excluded(u64::MAX), Bound::Unbounded))), []);
}

/// The keys of the next `count` records of a scan.
fn next(store: &mut Store<Entry, MemoryStorage>, scan: &ScanTicket, count: usize) -> Vec<u64> {
    let rest = std::iter::from_fn(|| next_of(store, scan));
    rest.take(count).map(|entry| entry.expect("a sound device").key).collect()
}

#[test]
fn scans_and_ranges_leave_each_other_as_they_are() {
    let mut store = filled();
    let up = store.by_hand().scan_begin(.., Direction::Ascending).unwrap();
    let down = store.by_hand().scan_begin(10..20, Direction::Descending).unwrap();
    assert_eq!(store.by_hand().scan_begin(.., Direction::Ascending), None);
    assert_eq!(next(&mut store, &up, 2), [0, 1]);
    assert_eq!(next(&mut store, &down, 2), [19, 18]);
    store.by_hand().scan_seek(&up, 15);
    assert_eq!(keys(store.range(3..6)), [3, 4, 5]);
    assert_eq!(next(&mut store, &down, 1), [17]);
    assert_eq!(next(&mut store, &up, 2), [15, 16]);
    store.by_hand().scan_end(up);
    let other = store.by_hand().scan_begin(198.., Direction::Ascending).unwrap();
    assert_eq!(next(&mut store, &down, 9), [16, 15, 14, 13, 12, 11, 10]);
    assert_eq!(next(&mut store, &other, 9), [198, 199]);
}

#[test]
fn a_scan_can_be_sought_before_its_first_record_and_twice_in_a_row() {
    let mut store = filled();
    for (direction, keys) in
        [(Direction::Ascending, [20, 21, 50]), (Direction::Descending, [180, 179, 150])]
    {
        store.by_hand().grid_mut().drop_cache();
        let [first, second, far] = keys;
        let scan = store.by_hand().scan_begin(.., direction).unwrap();
        store.by_hand().scan_seek(&scan, first);
        assert_eq!(next(&mut store, &scan, 2), [first, second]);
        store.by_hand().scan_seek(&scan, far.midpoint(first));
        store.by_hand().scan_seek(&scan, far);
        // A seek back does nothing.
        store.by_hand().scan_seek(&scan, first);
        assert_eq!(next(&mut store, &scan, 1), [far]);
        store.by_hand().scan_end(scan);
    }
}

#[test]
fn a_scan_sought_after_the_store_changed_returns_the_present_records() {
    let mut store = filled();
    let scan = store.by_hand().scan_begin(..=300, Direction::Ascending).unwrap();
    assert_eq!(next(&mut store, &scan, 1), [0]);
    store.put(&Entry { key: 250, stamp: 1 }).unwrap();
    store.remove(199).unwrap();
    store.beat().unwrap();
    store.by_hand().scan_seek(&scan, 197);
    store.remove(198).unwrap();
    assert_eq!(next(&mut store, &scan, 9), [197, 250]);
    // It has ended.
    store.put(&Entry { key: 260, stamp: 1 }).unwrap();
    assert_eq!(next(&mut store, &scan, 9), []);
}

#[test]
fn a_put_between_a_seek_and_the_next_record_does_not_move_the_scan_back() {
    let mut store = filled();
    let scan = store.by_hand().scan_begin(.., Direction::Ascending).unwrap();
    assert_eq!(next(&mut store, &scan, 1), [0]);
    store.by_hand().scan_seek(&scan, 5);
    store.put(&Entry { key: 250, stamp: 1 }).unwrap();
    assert_eq!(next(&mut store, &scan, 1), [5]);
}

#[test]
fn scans_that_wait_keep_the_device_busy() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let scans =
        [0, 150].map(|key| store.by_hand().scan_begin(key.., Direction::Ascending).unwrap());
    for scan in &scans {
        assert_eq!(store.by_hand().scan_next(scan), Ok(ScanProgress::Pending));
    }
    // Both wait for the index block of the table, and then for a value block each.
    assert_eq!(store.grid().pending_reads(), 1);
    assert!(store.by_hand().step());
    for scan in &scans {
        assert_eq!(store.by_hand().scan_next(scan), Ok(ScanProgress::Pending));
    }
    assert_eq!(store.grid().pending_reads(), 2);
    let mut keys = [0, 150];
    while keys[0] < 150 || keys[1] < 200 {
        let mut wait = true;
        for (scan, key) in scans.iter().zip(&mut keys) {
            match store.by_hand().scan_next(scan).expect("a sound device") {
                ScanProgress::Record(record) => {
                    assert_eq!(record.key, *key);
                    *key += 1;
                    wait = false;
                }
                ScanProgress::Pending => {}
                ScanProgress::Ended => assert_eq!(*key, 200),
            }
        }
        assert!(!wait || store.by_hand().step() || keys[1] == 200);
    }
    let [first, second] = scans;
    store.by_hand().scan_end(first);
    store.by_hand().scan_end(second);
}

#[test]
fn a_scan_that_waits_withdraws_its_reads_when_it_ends() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let in_flight = store.options().reads_in_flight_max as usize;
    for _ in 0..20 {
        for key in 0..20 {
            let scan = store.by_hand().scan_begin(10 * key.., Direction::Ascending).unwrap();
            assert_eq!(store.by_hand().scan_next(&scan), Ok(ScanProgress::Pending));
            store.by_hand().scan_end(scan);
        }
        assert!(store.grid().pending_reads() <= in_flight);
    }
}

/// Does something between the calls of a scan that waits: nothing, a put, a removal, a beat, a get,
/// a seek, or the pages of another scan. Returns what the scan returns.
fn interrupted(direction: Direction, nth: u64) -> (Vec<u64>, Vec<u64>) {
    let mut store = filled();
    let mut left: std::collections::BTreeSet<u64> = (0..200).collect();
    let scan = store.by_hand().scan_begin(.., direction).expect("a sound device");
    let other = store.by_hand().scan_begin(.., Direction::Ascending).expect("a sound device");
    let (mut got, mut expected) = (Vec::new(), Vec::new());
    for turn in 0_u64.. {
        assert!(turn < 5_000, "the scan ends");
        let next = match direction {
            Direction::Ascending => left.first(),
            Direction::Descending => left.last(),
        };
        let next = next.copied();
        match store.by_hand().scan_next(&scan).expect("a sound device") {
            ScanProgress::Record(record) => {
                got.push(record.key);
                expected.extend(next);
                match direction {
                    Direction::Ascending => left.retain(|key| *key > record.key),
                    Direction::Descending => left.retain(|key| *key < record.key),
                }
            }
            ScanProgress::Pending => {}
            ScanProgress::Ended => {
                expected.extend(next);
                break;
            }
        }
        let key = 7_919 * (turn + nth) % 200;
        match (turn + nth) % 7 {
            // A key without a record may have been passed.
            0 if left.contains(&key) => {
                store.put(&Entry { key, stamp: turn }).expect("a sound device");
            }
            1 => {
                store.remove(key).expect("a sound device");
                left.remove(&key);
            }
            2 => drop(store.beat().expect("a sound device")),
            3 => _ = store.get(key).expect("a sound device"),
            4 => _ = store.by_hand().scan_next(&other).expect("a sound device"),
            5 if turn % 3 == 0 => store.by_hand().grid_mut().drop_cache(),
            _ => {}
        }
        store.by_hand().step();
    }
    (got, expected)
}

#[test]
fn a_scan_that_waits_while_the_store_changes_returns_the_present_records() {
    for direction in [Direction::Ascending, Direction::Descending] {
        for nth in 0..7 {
            let (got, expected) = interrupted(direction, nth);
            assert_eq!(got, expected, "{nth}");
            assert!(got.len() > 100, "{nth}: {}", got.len());
        }
    }
}

#[test]
fn a_put_during_a_scan_asks_for_no_block_again() {
    let mut store = filled();
    let scan = store.by_hand().scan_begin(.., Direction::Ascending).unwrap();
    assert_eq!(next(&mut store, &scan, 2), [0, 1]);
    let before = asked(&store);
    for key in 2..10 {
        store.put(&Entry { key: 7, stamp: 1 }).unwrap();
        assert_eq!(next(&mut store, &scan, 1), [key]);
    }
    assert_eq!(asked(&store), before);
}

#[test]
fn puts_do_not_move_the_reads_of_a_scan_to_the_end_of_the_queue() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    // This reads the index block of the table.
    store.get(0).unwrap().expect("a record");
    let scan = store.by_hand().scan_begin(190.., Direction::Ascending).unwrap();
    // The value blocks of two lookups are in flight, so that of the scan waits.
    let _lookups = [60, 120].map(|key| store.by_hand().lookup_begin(key).unwrap());
    assert_eq!(store.by_hand().scan_next(&scan), Ok(ScanProgress::Pending));
    assert_eq!((store.grid().reads_in_flight(), store.grid().pending_reads()), (2, 3));
    let before = store.grid().statistics().reads_queued;
    for _ in 0..10 {
        store.put(&Entry { key: 7, stamp: 1 }).unwrap();
        assert_eq!(store.by_hand().scan_next(&scan), Ok(ScanProgress::Pending));
    }
    assert_eq!(store.grid().statistics().reads_queued, before);
}

#[test]
fn a_ticket_from_before_an_opening_is_refused_and_leaves_the_scans_since_as_they_are() {
    let mut store = filled();
    let [stale, ended] =
        [3, 4].map(|key| store.by_hand().scan_begin(key.., Direction::Ascending).unwrap());
    store.open_again().unwrap();
    let scans = [0, 9].map(|key| store.by_hand().scan_begin(key.., Direction::Ascending).unwrap());
    assert_eq!(store.by_hand().scan_next(&stale), Err(StoreError::Reopened));
    store.by_hand().scan_seek(&stale, 50);
    store.by_hand().scan_end(stale);
    store.by_hand().scan_end(ended);
    assert_eq!(next(&mut store, &scans[0], 2), [0, 1]);
    assert_eq!(next(&mut store, &scans[1], 2), [9, 10]);
    assert_eq!(store.by_hand().scan_begin(.., Direction::Ascending), None);
}

/// A store, and the ticket of another store, whose slot has an open scan in both stores.
fn with_the_ticket_of_another() -> (Store<Entry, MemoryStorage>, ScanTicket) {
    let [mut store, mut other] = [filled(), filled()];
    let ticket = other.by_hand().scan_begin(.., Direction::Ascending).expect("a free slot");
    let _ = store.by_hand().scan_begin(.., Direction::Ascending).expect("a free slot");
    (store, ticket)
}

#[test]
#[should_panic(expected = "store: a ticket must be of the store that returned it")]
fn the_scan_of_another_store_is_not_continued() {
    let (mut store, ticket) = with_the_ticket_of_another();
    let _ = store.by_hand().scan_next(&ticket);
}

#[test]
#[should_panic(expected = "store: a ticket must be of the store that returned it")]
fn the_scan_of_another_store_is_not_sought() {
    let (mut store, ticket) = with_the_ticket_of_another();
    store.by_hand().scan_seek(&ticket, 3);
}

#[test]
#[should_panic(expected = "store: a ticket must be of the store that returned it")]
fn the_scan_of_another_store_is_not_ended() {
    let (mut store, ticket) = with_the_ticket_of_another();
    store.by_hand().scan_end(ticket);
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

//! Tests of merges for readers: the newest record of each key, once.

use std::collections::BTreeMap;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::merge::{NewestFirst, Popped, StreamHead};
use downbeat_lsm::record::Record;

use crate::random::Random;
use crate::records::{Entry, Numbered, Object, tombstone};
use crate::streams::Lists;

fn object(number: u64, stamp: u64) -> Object {
    Object::put(number, stamp)
}

/// All popped records, and how often the merge was not ready.
fn drain<R: Record>(merge: &mut NewestFirst<R::Key>, lists: &mut Lists<R>) -> (Vec<R>, u32) {
    let (mut records, mut late) = (Vec::new(), 0);
    loop {
        match merge.pop(lists) {
            Popped::Record(record) => records.push(record),
            Popped::Ended => return (records, late),
            Popped::NotReady => late += 1,
        }
    }
}

fn merged(lists: &mut Lists<Object>, direction: Direction) -> Vec<Object> {
    let mut merge = NewestFirst::new(lists.lists.len());
    merge.start(direction);
    drain(&mut merge, lists).0
}

#[test]
fn of_equal_keys_the_record_of_the_first_stream_is_given_and_the_others_are_dropped() {
    let lists = [
        vec![object(2, 20), object(4, 21)],
        vec![object(1, 10), object(2, 11)],
        vec![object(2, 0), object(3, 1), object(4, 2)],
    ];
    let mut merge = NewestFirst::new(3);
    let (records, _) = drain(&mut merge, &mut Lists::new(&lists));
    assert_eq!(records, [object(1, 10), object(2, 20), object(3, 1), object(4, 21)]);
    assert_eq!(merge.dropped(), 3);
}

#[test]
fn tombstones_are_given() {
    let lists = [vec![tombstone(1)], vec![object(1, 1)]];
    assert_eq!(merged(&mut Lists::new(&lists), Direction::Ascending), [tombstone(1)]);
}

#[test]
fn in_descending_order_the_newest_record_is_given_too() {
    let lists = [vec![object(2, 9)], vec![object(2, 8), object(1, 8)], vec![object(1, 7)]];
    let expected = [object(2, 9), object(1, 8)];
    assert_eq!(merged(&mut Lists::new(&lists), Direction::Descending), expected);
}

#[test]
fn no_streams_and_empty_streams_have_ended() {
    assert_eq!(merged(&mut Lists::new(&[]), Direction::Ascending), []);
    assert_eq!(merged(&mut Lists::new(&[vec![], vec![], vec![]]), Direction::Ascending), []);
}

#[test]
fn a_merge_waits_for_a_stream_that_is_not_ready_and_loses_nothing() {
    let lists = [vec![object(1, 1), object(3, 1)], vec![object(1, 0), object(2, 0)]];
    let mut merge = NewestFirst::new(2);
    let (records, late) = drain(&mut merge, &mut Lists::late(&lists, 2));
    assert_eq!(records, [object(1, 1), object(2, 0), object(3, 1)]);
    // Each of the two streams is not ready before each of its records and before its end.
    assert_eq!(late, 2 * 6);
}

#[test]
fn a_peek_changes_only_what_is_dropped() {
    let lists = [vec![object(1, 1), object(2, 1)], vec![object(1, 0)]];
    let mut lists = Lists::new(&lists);
    let mut merge = NewestFirst::new(2);
    for _ in 0..3 {
        assert_eq!(merge.peek(&mut lists), StreamHead::Key(1));
    }
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(1, 1)));
    assert_eq!(merge.peek(&mut lists), StreamHead::Key(2));
    assert_eq!((merge.last(), merge.dropped()), (Some(1), 1));
}

#[test]
fn after_a_reset_no_key_is_given_twice() {
    let lists = [vec![object(1, 1)], vec![object(1, 0), object(2, 0)]];
    let mut lists = Lists::new(&lists);
    let mut merge = NewestFirst::new(2);
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(1, 1)));
    merge.reset();
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(2, 0)));
    merge.start(Direction::Ascending);
    assert_eq!(merge.last(), None);
}

#[test]
fn a_seek_moves_streams_only_forward() {
    let mut lists = Lists::new(&[vec![object(3, 0), object(9, 0)]]);
    let mut merge = NewestFirst::new(1);
    assert!(merge.seek(2));
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(3, 0)));
    assert!(!merge.seek(2));
    assert!(!merge.seek(3));
    assert_eq!(merge.peek(&mut lists), StreamHead::Key(9));
    // The peeked record was not popped.
    assert!(merge.seek(9));
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(9, 0)));

    merge.start(Direction::Descending);
    let mut lists = Lists::new(&[vec![object(9, 0), object(3, 0)]]);
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(9, 0)));
    assert!(!merge.seek(9));
    assert!(merge.seek(8));
}

fn assert_newest_of_each_key<R: Numbered>(direction: Direction) {
    let mut random = Random(7);
    for stream_count in 0..12_u64 {
        let mut expected = BTreeMap::new();
        let lists: Vec<Vec<R>> = (0..stream_count)
            .map(|stream| {
                let mut numbers: Vec<u64> =
                    (0..random.below(9)).map(|_| random.below(12)).collect();
                numbers.push(u64::MAX);
                numbers.sort_unstable();
                numbers.dedup();
                if direction == Direction::Descending {
                    numbers.reverse();
                }
                let record = |number: u64| match number.wrapping_add(stream) % 3 {
                    0 => tombstone(number),
                    _ => R::put(number, stream),
                };
                let list: Vec<R> = numbers.into_iter().map(record).collect();
                for record in &list {
                    expected.entry(record.key()).or_insert(*record);
                }
                list
            })
            .collect();
        let mut expected: Vec<R> = expected.into_values().collect();
        if direction == Direction::Descending {
            expected.reverse();
        }
        for delay in [0, 1 + random.below_u32(3)] {
            let mut merge = NewestFirst::new(stream_count as usize);
            merge.start(direction);
            assert_eq!(drain(&mut merge, &mut Lists::late(&lists, delay)).0, expected);
            let input: usize = lists.iter().map(Vec::len).sum();
            assert_eq!(merge.dropped() as usize, input - expected.len());
        }
    }
}

#[test]
fn the_newest_of_each_key_is_given_in_random_streams() {
    for direction in [Direction::Ascending, Direction::Descending] {
        assert_newest_of_each_key::<Object>(direction);
        assert_newest_of_each_key::<Entry>(direction);
    }
}

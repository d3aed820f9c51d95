//! Tests of merges for writers: the records of each key are folded, and every record is counted.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::merge::{MergeCounts, OldestFirst, Popped, StreamHead};
use downbeat_lsm::record::{Record, Usage};

use crate::random::Random;
use crate::records::{Entry, Numbered, Object, tombstone};
use crate::streams::Lists;

fn object(number: u64, stamp: u64) -> Object {
    Object::put(number, stamp)
}

fn entry(number: u64) -> Entry {
    Entry::put(number, 0)
}

fn started<R: Record>(lists: &[Vec<R>], direction: Direction) -> OldestFirst<R> {
    let mut merge = OldestFirst::new(lists.len());
    merge.start(direction, lists.iter().map(|list| list.len() as u64).sum());
    merge
}

fn drain<R: Record>(merge: &mut OldestFirst<R>, lists: &mut Lists<R>) -> Vec<R> {
    let mut records = Vec::new();
    loop {
        match merge.pop(lists) {
            Popped::Record(record) => records.push(record),
            Popped::Ended => return records,
            Popped::NotReady => {}
        }
    }
}

#[test]
fn in_general_usage_the_record_of_the_last_stream_replaces_the_others() {
    let lists = [
        vec![object(1, 0), object(2, 0)],
        vec![tombstone(2)],
        vec![object(1, 2), object(2, 2), object(3, 2)],
    ];
    let mut merge = started(&lists, Direction::Ascending);
    let records = drain(&mut merge, &mut Lists::new(&lists));
    assert_eq!(records, [object(1, 2), object(2, 2), object(3, 2)]);
    assert_eq!(*merge.counts(), MergeCounts { input: 6, dropped: 3, out: 3 });
}

#[test]
fn in_a_secondary_index_a_put_and_a_tombstone_cancel_whichever_is_newer() {
    let lists = [
        vec![entry(1), tombstone(2), entry(3)],
        vec![tombstone(1), entry(2), tombstone(3)],
        vec![entry(3), tombstone(4)],
    ];
    for delay in [0, 1] {
        let mut merge = started(&lists, Direction::Ascending);
        let records = drain(&mut merge, &mut Lists::late(&lists, delay));
        assert_eq!(records, [entry(3), tombstone(4)]);
        assert_eq!(*merge.counts(), MergeCounts { input: 8, dropped: 6, out: 2 });
    }
}

#[test]
fn a_cancelled_pair_at_the_end_is_found_after_the_last_record() {
    let lists = [vec![entry(1), entry(2)], vec![tombstone(2)]];
    let mut merge = started(&lists, Direction::Ascending);
    let mut lists = Lists::new(&lists);
    assert_eq!(merge.pop(&mut lists), Popped::Record(entry(1)));
    assert_eq!(merge.counts().remaining(), 2);
    assert_eq!(merge.peek(&mut lists), StreamHead::Ended);
    assert_eq!(merge.counts().remaining(), 0);
    assert_eq!(merge.pop(&mut lists), Popped::Ended);
}

#[test]
fn a_record_in_the_look_ahead_is_counted_as_remaining_until_it_is_popped() {
    let lists = [vec![object(1, 0), object(2, 0)], vec![object(1, 1)]];
    let mut merge = started(&lists, Direction::Ascending);
    let mut lists = Lists::new(&lists);
    assert_eq!(merge.peek(&mut lists), StreamHead::Key(1));
    assert_eq!(*merge.counts(), MergeCounts { input: 3, dropped: 1, out: 0 });
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(1, 1)));
    assert_eq!(merge.counts().remaining(), 1);
    assert_eq!(merge.pop(&mut lists), Popped::Record(object(2, 0)));
    assert_eq!(merge.pop(&mut lists), Popped::Ended);
}

/// The records of all streams in the order of keys and ages, folded by comparing all records of a
/// key.
fn expected<R: Record>(lists: &[Vec<R>], direction: Direction) -> Vec<R> {
    let mut all: Vec<R> = lists.concat();
    all.sort_by(|first, second| match direction {
        Direction::Ascending => first.key().cmp(&second.key()),
        Direction::Descending => second.key().cmp(&first.key()),
    });
    all.chunk_by(|first, second| first.key() == second.key())
        .filter(|versions| R::USAGE == Usage::General || versions.len() % 2 == 1)
        .map(|versions| versions[versions.len() - 1])
        .collect()
}

fn assert_folds_random_streams<R: Numbered>(direction: Direction) {
    let mut random = Random(3);
    for stream_count in 0..12_u64 {
        // The versions of each key are alternately a put and a tombstone, starting with either.
        let mut lists: Vec<Vec<R>> = (0..stream_count)
            .map(|stream| {
                let numbers: Vec<u64> = (0..10).filter(|_| random.below(3) > 0).collect();
                numbers.into_iter().map(|number| R::put(number, stream)).collect()
            })
            .collect();
        let mut is_put = [true, false].repeat(5);
        for list in &mut lists {
            for record in list.iter_mut() {
                let number = (0..10).find(|&number| R::key_of(number) == record.key());
                let is_put = &mut is_put[number.expect("the key is one of ten") as usize];
                if !*is_put {
                    *record = R::tombstone(record.key());
                }
                *is_put = !*is_put;
            }
            if direction == Direction::Descending {
                list.reverse();
            }
        }
        for delay in [0, 2] {
            let mut merge = started(&lists, direction);
            let records = drain(&mut merge, &mut Lists::late(&lists, delay));
            assert_eq!(records, expected(&lists, direction));
            let input = lists.iter().map(|list| list.len() as u64).sum::<u64>();
            let out = records.len() as u64;
            assert_eq!(*merge.counts(), MergeCounts { input, dropped: input - out, out });
        }
    }
}

#[test]
fn random_streams_are_folded_in_both_directions() {
    for direction in [Direction::Ascending, Direction::Descending] {
        assert_folds_random_streams::<Object>(direction);
        assert_folds_random_streams::<Entry>(direction);
    }
}

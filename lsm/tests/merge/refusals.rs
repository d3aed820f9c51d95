//! Calls on merges that panic.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::merge::{LoserTree, NewestFirst, OldestFirst, Popped};

use crate::records::{Entry, Numbered, Object, tombstone};
use crate::streams::Lists;

fn objects(numbers: &[u64]) -> Vec<Object> {
    numbers.iter().map(|&number| Object::put(number, 0)).collect()
}

fn newest_first(lists: &[Vec<Object>], capacity: usize) {
    let (mut merge, mut lists) = (NewestFirst::new(capacity), Lists::new(lists));
    while let Popped::Record(_) = merge.pop(&mut lists) {}
}

fn oldest_first<R: Numbered>(lists: &[Vec<R>], input: u64) {
    let (mut merge, mut lists) = (OldestFirst::new(lists.len()), Lists::new(lists));
    merge.start(Direction::Ascending, input);
    while let Popped::Record(_) = merge.pop(&mut lists) {}
}

#[test]
#[should_panic(expected = "loser_tree: there must be room for all streams (3 of 2)")]
fn more_streams_than_the_capacity_panic() {
    newest_first(&[objects(&[1]), objects(&[2]), objects(&[3])], 2);
}

#[test]
#[should_panic(expected = "loser_tree: the capacity must be at most 65536 streams (65537)")]
fn a_capacity_over_the_limit_panics() {
    let _ = LoserTree::<u64>::new(65_537);
}

#[test]
#[should_panic(expected = "loser_tree: a stream must be in order (stream 1, 4 after 5)")]
fn a_stream_that_is_not_in_order_panics() {
    newest_first(&[objects(&[6]), objects(&[5, 4])], 2);
}

#[test]
#[should_panic(expected = "loser_tree: only a winner can be replaced")]
fn a_tree_whose_streams_have_ended_has_no_winner_to_replace() {
    LoserTree::<u64>::new(3).replace_winner(Some(1));
}

#[test]
#[should_panic(expected = "merge: a stream must not go back (3 after 5)")]
fn a_stream_that_moves_back_at_a_reset_panics() {
    let mut merge = NewestFirst::new(1);
    let _ = merge.pop(&mut Lists::new(&[objects(&[5])]));
    merge.reset();
    let _ = merge.pop(&mut Lists::new(&[objects(&[3])]));
}

#[test]
#[should_panic(expected = "merge: the streams must not have more records than announced (2)")]
fn more_records_than_announced_panic() {
    oldest_first(&[objects(&[1, 2]), objects(&[3])], 2);
}

#[test]
#[should_panic(expected = "merge: the streams must not have fewer records than announced (3 of 4)")]
fn fewer_records_than_announced_panic() {
    oldest_first(&[objects(&[1, 2]), objects(&[3])], 4);
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn two_puts_of_a_key_in_a_secondary_index_panic() {
    oldest_first(&[vec![Entry::put(1, 0)], vec![Entry::put(1, 0)]], 2);
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn two_removes_of_a_key_in_a_secondary_index_panic() {
    oldest_first::<Entry>(&[vec![tombstone(1)], vec![tombstone(1)]], 2);
}

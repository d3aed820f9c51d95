//! Tests of a free set over checkpoints: when blocks become free, and how a set is opened.

use downbeat_lsm::block::Reason;
use downbeat_lsm::grid::free_set::BlockState::{Acquired, Free, Released, Staged};
use downbeat_lsm::grid::free_set::{FreeSet, FreeSetStatistics};

use crate::blocks::{
    Encoded, acquire, bytes, checkpoint, closed, empty, encode, filled, open, options, release,
};

/// A marker: `run` words whose bits are all `bit`, then `literals` words as they are.
fn marker(bit: u64, run: u64, literals: u64) -> u64 {
    bit | run << 1 | literals << 32
}

fn refused(encoded: &Encoded, block_count: u64) -> &'static str {
    let mut free_set = closed(block_count);
    let Err(Reason::Meaning(what)) = open(&mut free_set, encoded) else {
        panic!("the set must be refused for its meaning");
    };
    // The refusal has not changed the set, so it can still be opened.
    assert!(!free_set.is_open());
    assert_eq!(free_set.statistics(), &FreeSetStatistics::default());
    free_set.verify();
    open(&mut free_set, &Encoded::default()).expect("empty sets");
    assert_eq!(free_set.free_count(), block_count);
    what
}

#[test]
fn a_block_released_while_the_checkpoint_is_durable_is_free_with_the_next_checkpoint() {
    let mut free_set = filled(10, 3);
    free_set.release(2);
    assert_eq!(free_set.state(2), Released);
    assert!(free_set.is_released(2) && !free_set.is_free(2));
    // The released block is not acquired before that.
    assert_eq!(acquire(&mut free_set, 1), [4]);
    free_set.mark_checkpoint_not_durable();
    assert!(free_set.to_be_freed_at_durability(2) && !free_set.to_be_freed_at_durability(3));
    assert_eq!(acquire(&mut free_set, 1), [5]);
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.state(2), Free);
    assert_eq!(acquire(&mut free_set, 1), [2]);
}

#[test]
fn a_block_released_while_the_checkpoint_is_not_durable_is_free_one_checkpoint_later() {
    let mut free_set = filled(10, 3);
    free_set.mark_checkpoint_not_durable();
    free_set.release(2);
    assert_eq!(free_set.state(2), Staged);
    assert!(free_set.is_released(2) && !free_set.to_be_freed_at_durability(2));
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.state(2), Released);
    free_set.mark_checkpoint_not_durable();
    assert_eq!(free_set.state(2), Released);
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.state(2), Free);
}

#[test]
fn released_and_staged_blocks_are_counted_and_not_free() {
    let mut free_set = filled(10, 6);
    release(&mut free_set, [1, 2]);
    free_set.mark_checkpoint_not_durable();
    release(&mut free_set, [3, 4, 5]);
    let counts = |set: &FreeSet| {
        (set.free_count(), set.acquired_count(), set.released_count(), set.staged_count())
    };
    assert_eq!(counts(&free_set), (4, 6, 2, 3));
    free_set.mark_checkpoint_durable();
    assert_eq!(counts(&free_set), (6, 4, 3, 0));
    let statistics = free_set.statistics();
    assert_eq!((statistics.blocks_released, statistics.blocks_staged), (2, 3));
    assert_eq!((statistics.blocks_acquired, statistics.blocks_freed), (6, 2));
}

#[test]
fn blocks_of_the_encoded_sets_last_until_the_next_checkpoint_is_durable() {
    let mut free_set = filled(10, 3);
    let first = checkpoint(&mut free_set, 2);
    assert_eq!(first.trailers, [4, 5]);
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.state(4), Released);
    let second = checkpoint(&mut free_set, 2);
    assert_eq!(second.trailers, [6, 7]);
    // Once the second is durable, the blocks of the first are free.
    free_set.mark_checkpoint_durable();
    assert_eq!(
        [4, 5, 6, 7].map(|address| free_set.state(address)),
        [Free, Free, Released, Released]
    );
    assert_eq!(checkpoint(&mut free_set, 2).trailers, [4, 5]);
}

#[test]
fn a_set_opened_from_a_checkpoint_equals_the_set_that_was_written() {
    let mut free_set = filled(300, 200);
    (3..150).step_by(2).for_each(|address| free_set.release(address));
    let encoded = checkpoint(&mut free_set, 3);
    let states: Vec<_> = (1..=300).map(|address| free_set.state(address)).collect();
    // Later changes are lost.
    acquire(&mut free_set, 20);
    free_set.release(2);

    let mut opened = closed(300);
    open(&mut opened, &encoded).expect("a valid encoding");
    assert!(opened.is_open() && !opened.is_durable());
    let opened_states: Vec<_> = (1..=300).map(|address| opened.state(address)).collect();
    assert_eq!(opened_states, states);
    assert_eq!([1, 3, 201].map(|address| opened.state(address)), [Acquired, Released, Staged]);
    assert_eq!(opened.staged_count(), 3);
    opened.mark_checkpoint_durable();
    assert_eq!(acquire(&mut opened, 1), [3]);
}

#[test]
fn a_reset_set_that_is_opened_equals_a_new_set_that_is_opened() {
    let mut free_set = filled(300, 300);
    free_set.reset();
    let mut source = filled(300, 70);
    let encoded = checkpoint(&mut source, 1);
    let mut new = closed(300);
    for set in [&mut free_set, &mut new] {
        open(set, &encoded).expect("a valid encoding");
        set.mark_checkpoint_durable();
        set.verify();
    }
    assert_eq!(acquire(&mut free_set, 200), acquire(&mut new, 200));
    assert_eq!(encode(&free_set).acquired, encode(&new).acquired);
}

#[test]
fn an_empty_set_has_no_bytes() {
    let encoded = encode(&empty(300));
    assert!(encoded.acquired.is_empty() && encoded.released.is_empty());
    let free_set = empty(300);
    let no_pieces: [&mut [u8]; 0] = [];
    assert_eq!(free_set.encode_acquired(no_pieces), 0);
}

#[test]
fn a_dense_set_is_a_few_words_however_large_it_is() {
    let encoded = encode(&filled(100_000, 90_000));
    // A run, and the last word of the set.
    assert_eq!(encoded.acquired, bytes(&[marker(1, 1406, 1), (1 << 16) - 1]));
}

#[test]
fn sets_are_encoded_into_pieces_of_any_sizes_and_read_from_them() {
    let mut free_set = filled(1000, 1000);
    (1..1000).step_by(3).for_each(|address| free_set.release(address));
    let whole = encode(&free_set);
    for piece_size in [8, 16, 40, 96] {
        let mut bytes = vec![0xee; free_set.options().encoded_size_max()];
        let size = free_set.encode_released(bytes.chunks_mut(piece_size));
        assert_eq!(bytes[..size], whole.released);
        let mut opened = closed(1000);
        let acquired = whole.acquired.chunks(piece_size);
        opened.open(acquired, whole.released.chunks(piece_size), []).expect("a valid encoding");
        opened.mark_checkpoint_durable();
        assert_eq!(opened.acquired_count(), 1000 - 333);
    }
}

#[test]
fn a_set_opens_with_more_blocks_or_with_fewer_if_they_suffice() {
    for (block_count, acquired) in [(200, 100), (200, 200), (192, 192), (128, 64)] {
        let mut free_set = filled(block_count, acquired);
        free_set.release(acquired / 2);
        let encoded = encode(&free_set);
        for other in [acquired, block_count + 1, block_count + 64, 1000] {
            let mut opened = closed(other);
            open(&mut opened, &encoded).expect("the blocks suffice");
            assert_eq!(opened.free_count(), other - acquired);
            opened.mark_checkpoint_durable();
            let first = acquire(&mut opened, 1);
            assert_eq!(first, [acquired / 2]);
        }
        let expected = "an encoded set of blocks has a block beyond the last";
        assert_eq!(refused(&encoded, acquired - 1), expected);
    }
}

#[test]
fn a_released_block_that_is_not_acquired_is_corruption() {
    let encoded = Encoded { released: bytes(&[marker(0, 0, 1), 4]), ..Encoded::default() };
    assert_eq!(refused(&encoded, 100), "a block is released and not acquired");
}

#[test]
fn an_invalid_block_of_the_encoded_sets_is_corruption() {
    let acquired = bytes(&[marker(0, 0, 1), 4]);
    let with = |trailers: &[u64]| Encoded {
        acquired: acquired.clone(),
        trailers: trailers.to_vec(),
        ..Encoded::default()
    };
    let beyond = "a block that stores the free set has an invalid address";
    assert_eq!(refused(&with(&[101]), 100), beyond);
    assert_eq!(refused(&with(&[1, 0]), 100), beyond);
    assert_eq!(refused(&with(&[u64::MAX]), 100), beyond);
    let twice = "a block that stores the free set is in use for something else";
    assert_eq!(refused(&with(&[3]), 100), twice);
    assert_eq!(refused(&with(&[7, 5, 7]), 100), twice);
    // The trailers may be in any order.
    assert_eq!(open(&mut closed(100), &with(&[7, 5])), Ok(()));
}

#[test]
fn invalid_encoded_sets_are_corruption() {
    let full = (marker(1, u64::from(u32::MAX >> 1), u64::from(u32::MAX)), 5);
    for (words, expected) in [
        (&[marker(0, 0, 2), 5][..], "an encoded set of blocks ends too early"),
        (&[marker(0, 1, 0)], "an encoded set of blocks is not in its canonical form"),
        (&[full.0, full.1], "an encoded set of blocks has a block beyond the last"),
        (&[marker(0, 1, 1), 1 << 36], "an encoded set of blocks has a block beyond the last"),
    ] {
        let acquired = Encoded { acquired: bytes(words), ..Encoded::default() };
        assert_eq!(refused(&acquired, 100), expected);
        let all = bytes(&[marker(1, 1, 1), (1 << 36) - 1]);
        let released = Encoded { acquired: all, released: bytes(words), ..Encoded::default() };
        assert_eq!(refused(&released, 100), expected);
    }
    let odd = Encoded { acquired: vec![0; 7], ..Encoded::default() };
    assert_eq!(refused(&odd, 100), "an encoded set of blocks is not whole words");
}

#[test]
fn no_set_takes_more_bytes_than_its_bound() {
    for block_count in [1, 64, 65, 128, 300] {
        let mut free_set = filled(block_count, block_count);
        // Full, empty and mixed words in turn.
        for address in (1..=block_count).filter(|address| (address - 1) / 64 % 2 == 0) {
            free_set.release(address);
        }
        let size_max = options(block_count).encoded_size_max();
        assert_eq!(size_max as u64, 8 * (block_count.div_ceil(64) + 1));
        let encoded = encode(&free_set);
        assert!(encoded.acquired.len() <= size_max && encoded.released.len() <= size_max);
    }
}

//! Tests of the reservations and addresses of a free set.

use downbeat_lsm::grid::free_set::{BlockState, FreeSet, FreeSetOptions, FreeSetStatistics};

use crate::blocks::{Encoded, acquire, closed, empty, filled, open, options, release};

#[test]
fn the_lowest_free_block_is_acquired() {
    let mut free_set = filled(10, 5);
    free_set.release(2);
    free_set.release(4);
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    assert_eq!(acquire(&mut free_set, 4), [2, 4, 6, 7]);
    free_set.verify();
}

#[test]
fn each_reservation_has_the_lowest_blocks_that_are_not_reserved() {
    let mut free_set = empty(10);
    let mut first = free_set.reserve(3).expect("free");
    let mut second = free_set.reserve(2).expect("free");
    assert_eq!((free_set.reserved_count(), free_set.reservation_count()), (5, 2));
    // The addresses do not depend on the order in which reservations are used.
    assert_eq!(free_set.acquire(&mut second), Some(4));
    assert_eq!(free_set.acquire(&mut first), Some(1));
    assert_eq!(free_set.acquire(&mut second), Some(5));
    assert_eq!(free_set.acquire(&mut second), None);
    assert_eq!(free_set.acquire(&mut first), Some(2));
    assert_eq!((first.remaining(), second.remaining()), (1, 0));
    assert_eq!((free_set.reserved_count(), free_set.free_count()), (1, 6));
    free_set.forfeit(second);
    // Blocks can be acquired until all reservations are forfeited.
    assert!(!free_set.is_reserving());
    assert_eq!(free_set.acquire(&mut first), Some(3));
    free_set.forfeit(first);
    assert!(free_set.is_reserving());
    free_set.verify();
}

#[test]
fn forfeited_blocks_can_be_reserved_again() {
    let mut free_set = empty(10);
    let reservation = free_set.reserve(10).expect("free");
    free_set.forfeit(reservation);
    assert_eq!((free_set.reserved_count(), free_set.free_count()), (0, 10));
    assert_eq!(acquire(&mut free_set, 1), [1]);
    assert_eq!(free_set.statistics().blocks_forfeited, 10);
}

#[test]
fn a_reservation_spans_acquired_blocks() {
    let mut free_set = filled(200, 140);
    release(&mut free_set, [1, 70, 130]);
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    let mut first = free_set.reserve(2).expect("free");
    let mut second = free_set.reserve(2).expect("free");
    assert_eq!(free_set.acquire(&mut second), Some(130));
    assert_eq!(free_set.acquire(&mut second), Some(141));
    assert_eq!(free_set.acquire(&mut first), Some(1));
    assert_eq!(free_set.acquire(&mut first), Some(70));
    free_set.forfeit(first);
    free_set.forfeit(second);
    free_set.verify();
}

#[test]
fn as_many_blocks_can_be_reserved_as_are_free() {
    for block_count in [1, 63, 64, 65, 128, 200] {
        let mut free_set = empty(block_count);
        assert!(free_set.reserve(block_count + 1).is_none());
        assert!(free_set.reserve(u64::MAX).is_none());
        let first = free_set.reserve(block_count).expect("free");
        assert!(free_set.reserve(1).is_none());
        assert_eq!(free_set.statistics().reservations_refused, 3);
        free_set.forfeit(first);
        assert_eq!(acquire(&mut free_set, block_count).last(), Some(&block_count));
        assert_eq!(free_set.free_count(), 0);
        assert_eq!(free_set.highest_address_acquired(), Some(block_count));
        assert!(free_set.reserve(1).is_none());
        free_set.verify();
    }
}

#[test]
fn full_shards_are_skipped_until_one_of_their_blocks_is_free() {
    let mut free_set = filled(64 * 70, 64 * 70);
    assert_eq!(free_set.statistics().shards_filled, 70);
    release(&mut free_set, [64 * 66, 64 * 69 + 1]);
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.statistics().shards_opened, 2);
    assert_eq!(acquire(&mut free_set, 2), [64 * 66, 64 * 69 + 1]);
    free_set.verify();
}

#[test]
fn the_highest_address_goes_down_when_the_highest_blocks_are_free() {
    let mut free_set = empty(300);
    assert_eq!(free_set.highest_address_acquired(), None);
    acquire(&mut free_set, 257);
    for address in 60..=257 {
        free_set.release(address);
    }
    assert_eq!(free_set.highest_address_acquired(), Some(257));
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.highest_address_acquired(), Some(59));
    for address in 1..=59 {
        free_set.release(address);
    }
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    assert_eq!(free_set.highest_address_acquired(), None);
    free_set.verify();
}

#[test]
fn a_set_that_is_not_open_has_no_free_block() {
    let mut free_set = closed(10);
    assert!(!free_set.is_free(1));
    assert_eq!(free_set.state(10), BlockState::Acquired);
    assert!(!free_set.is_open() && !free_set.is_durable() && !free_set.is_reserving());
    free_set.verify();
    open(&mut free_set, &Encoded::default()).expect("empty sets");
    assert!(free_set.is_open() && !free_set.is_durable());
    assert!(free_set.is_free(1));
}

#[test]
fn a_reset_set_equals_a_new_set() {
    let mut free_set = filled(300, 300);
    free_set.release(3);
    let reservation = free_set.reserve(1);
    assert!(reservation.is_none());
    free_set.reset();
    free_set.verify();
    assert!(!free_set.is_open());
    assert_eq!(free_set.statistics(), &FreeSetStatistics::default());
    open(&mut free_set, &Encoded::default()).expect("empty sets");
    assert_eq!((free_set.free_count(), free_set.acquired_count()), (300, 0));
    assert_eq!((free_set.released_count(), free_set.staged_count()), (0, 0));
    assert_eq!(acquire(&mut free_set, 2), [1, 2]);
}

#[test]
fn a_reset_ends_all_reservations() {
    let mut free_set = empty(10);
    let _lost = [free_set.reserve(3), free_set.reserve(3)];
    free_set.reset();
    open(&mut free_set, &Encoded::default()).expect("empty sets");
    assert_eq!((free_set.reservation_count(), free_set.reserved_count()), (0, 0));
    assert_eq!(acquire(&mut free_set, 10).len(), 10);
}

#[test]
fn shards_of_any_size_give_the_same_addresses() {
    let addresses = |shard_size| {
        let mut free_set =
            FreeSet::new(FreeSetOptions { shard_size, ..options(1000) }).expect("valid");
        open(&mut free_set, &Encoded::default()).expect("empty sets");
        free_set.mark_checkpoint_durable();
        acquire(&mut free_set, 700);
        (1..700).step_by(37).for_each(|address| free_set.release(address));
        free_set.mark_checkpoint_not_durable();
        free_set.mark_checkpoint_durable();
        free_set.verify();
        acquire(&mut free_set, 300)
    };
    assert_eq!(addresses(64), addresses(256));
    assert_eq!(addresses(64), addresses(FreeSetOptions::SHARD_SIZE));
    assert_eq!(addresses(64), addresses(FreeSetOptions::SHARD_SIZE_MAX));
}

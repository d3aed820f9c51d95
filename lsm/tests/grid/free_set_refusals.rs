//! Calls on a free set that panic, and options that are refused with a reason.

use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions, InvalidFreeSet};

use crate::blocks::{Encoded, acquire, checkpoint, closed, empty, encode, filled, open, options};

fn refusal(options: FreeSetOptions) -> InvalidFreeSet {
    let reason = options.validate().expect_err("the options are invalid");
    assert_eq!(FreeSet::new(options).err(), Some(reason));
    reason
}

#[test]
fn a_set_without_blocks_is_refused() {
    let reason = refusal(options(0));
    assert_eq!(reason, InvalidFreeSet::BlockCount { block_count: 0 });
    assert!(reason.to_string().contains("set it to a number from 1 to 2147483648"));
}

#[test]
fn a_set_of_too_many_blocks_is_refused() {
    let block_count = FreeSetOptions::BLOCK_COUNT_MAX + 1;
    assert_eq!(refusal(options(block_count)), InvalidFreeSet::BlockCount { block_count });
    assert_eq!(options(FreeSetOptions::BLOCK_COUNT_MAX).validate(), Ok(()));
}

#[test]
fn invalid_shard_sizes_are_refused() {
    for shard_size in [0, 32, 65, 96, 1 << 17] {
        let reason = refusal(FreeSetOptions { shard_size, ..options(10) });
        assert_eq!(reason, InvalidFreeSet::ShardSize { shard_size });
        assert!(reason.to_string().contains("set it to a power of two from 64 to 65536"));
    }
}

#[test]
fn a_set_without_reservations_is_refused() {
    let reason = refusal(FreeSetOptions { reservation_count_max: 0, ..options(10) });
    assert_eq!(reason, InvalidFreeSet::ReservationCountMaxZero);
    assert!(reason.to_string().contains("the number of jobs that allocate at the same time"));
}

#[test]
#[should_panic(expected = "free_set: the set must be open")]
fn reserving_from_a_set_that_is_not_open_panics() {
    let _reservation = closed(10).reserve(1);
}

#[test]
#[should_panic(expected = "free_set: the set must be open")]
fn releasing_to_a_set_that_is_not_open_panics() {
    closed(10).release(1);
}

#[test]
#[should_panic(expected = "free_set: the set must be open")]
fn encoding_a_set_that_is_not_open_panics() {
    encode(&closed(10));
}

#[test]
#[should_panic(expected = "free_set: a set must be reset before it is opened again")]
fn opening_a_set_twice_panics() {
    let _opened = open(&mut empty(10), &Encoded::default());
}

#[test]
#[should_panic(expected = "free_set: a reservation must be for a block or more")]
fn reserving_nothing_panics() {
    let _reservation = empty(10).reserve(0);
}

#[test]
#[should_panic(expected = "free_set: no more than 4 reservations may be out")]
fn more_reservations_than_allowed_panic() {
    let mut free_set = empty(10);
    let _reservations = [(); 5].map(|()| free_set.reserve(1));
}

#[test]
#[should_panic(
    expected = "free_set: all reservations must be forfeited before others are made (1 are out)"
)]
fn reserving_while_others_are_forfeited_panics() {
    let mut free_set = empty(10);
    let [first, _second] = [(); 2].map(|()| free_set.reserve(1));
    free_set.forfeit(first.unwrap());
    let _third = free_set.reserve(1);
}

#[test]
#[should_panic(
    expected = "free_set: a reservation must be made in the current session (session 1, now 2)"
)]
fn acquiring_from_a_reservation_made_before_a_reset_panics() {
    let mut free_set = empty(10);
    acquire(&mut free_set, 1);
    let mut lost = free_set.reserve(3).unwrap();
    free_set.reset();
    open(&mut free_set, &Encoded::default()).unwrap();
    let _reservation = free_set.reserve(3);
    free_set.acquire(&mut lost);
}

#[test]
#[should_panic(expected = "free_set: a reservation must be made in the current session")]
fn forfeiting_a_reservation_made_before_a_reset_panics() {
    let mut free_set = empty(10);
    let lost = free_set.reserve(3).unwrap();
    free_set.reset();
    free_set.forfeit(lost);
}

#[test]
#[should_panic(expected = "free_set: a free block must not be released (address 4)")]
fn releasing_a_free_block_panics() {
    filled(10, 3).release(4);
}

#[test]
#[should_panic(expected = "free_set: a block must be released once (address 2)")]
fn releasing_a_released_block_panics() {
    let mut free_set = filled(10, 3);
    free_set.release(2);
    free_set.release(2);
}

#[test]
#[should_panic(expected = "free_set: a block must be released once (address 4)")]
fn releasing_a_block_of_the_encoded_sets_again_panics() {
    let mut free_set = filled(10, 3);
    let encoded = checkpoint(&mut free_set, 1);
    let mut opened = closed(10);
    open(&mut opened, &encoded).unwrap();
    opened.release(4);
}

#[test]
#[should_panic(expected = "free_set: an address must be from 1 to 10 (address 0)")]
fn address_zero_panics() {
    filled(10, 3).release(0);
}

#[test]
#[should_panic(expected = "free_set: an address must be from 1 to 10 (address 11)")]
fn an_address_beyond_the_last_panics() {
    let _is_free = closed(10).is_free(11);
}

#[test]
#[should_panic(
    expected = "free_set: blocks are freed only by a checkpoint that is not durable yet"
)]
fn asking_what_will_be_freed_while_durable_panics() {
    let _is_freed = filled(10, 3).to_be_freed_at_durability(1);
}

#[test]
#[should_panic(
    expected = "free_set: the previous checkpoint must be durable when the set is encoded"
)]
fn encoding_while_the_checkpoint_is_not_durable_panics() {
    let mut free_set = filled(10, 3);
    free_set.mark_checkpoint_not_durable();
    encode(&free_set);
}

#[test]
#[should_panic(
    expected = "free_set: no reservation may be open when blocks are encoded (1 are open)"
)]
fn encoding_while_blocks_are_reserved_panics() {
    let mut free_set = filled(10, 3);
    let _reservation = free_set.reserve(1);
    encode(&free_set);
}

#[test]
#[should_panic(
    expected = "free_set: the previous checkpoint must be durable when the set is part of a checkpoint"
)]
fn two_checkpoints_that_are_not_durable_panic() {
    let mut free_set = filled(10, 3);
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_not_durable();
}

#[test]
#[should_panic(expected = "free_set: only a checkpoint that is not durable can become durable")]
fn a_checkpoint_that_is_durable_twice_panics() {
    filled(10, 3).mark_checkpoint_durable();
}

#[test]
#[should_panic(
    expected = "free_set: no reservation may be open when blocks are freed (1 are open)"
)]
fn freeing_while_blocks_are_reserved_panics() {
    let mut free_set = filled(10, 3);
    free_set.mark_checkpoint_not_durable();
    let _reservation = free_set.reserve(1);
    free_set.mark_checkpoint_durable();
}

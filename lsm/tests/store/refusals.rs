//! Calls on a grid that panic.

use downbeat_lsm::grid::{Caching, ReadOutcome, ReadTicket};

use crate::fixture::{Store, contents};

#[test]
#[should_panic(expected = "grid: a free block must not be read")]
fn a_free_block_must_not_be_read() {
    let mut store = Store::format(32);
    let mut reference = store.write(1, 10);
    reference.address += 1;
    let _ = store.grid.read(reference, Caching::Use);
}

#[test]
#[should_panic(expected = "grid: a block must be acquired to be written")]
fn a_free_block_must_not_be_written() {
    let mut store = Store::format(32);
    let buffer = store.grid.take_buffer().unwrap();
    let _ = store.grid.write(3, &contents(1), buffer);
}

#[test]
#[should_panic(expected = "grid: a block must be acquired to be written")]
fn a_released_block_must_not_be_written() {
    let mut store = Store::format(32);
    let address = store.write(1, 10).address;
    store.grid.release(address);
    let buffer = store.grid.take_buffer().unwrap();
    let _ = store.grid.write(address, &contents(1), buffer);
}

#[test]
#[should_panic(expected = "grid: a block may have at most one pending write")]
fn a_block_must_have_one_pending_write_at_a_time() {
    let mut store = Store::format(32);
    let address = store.acquire();
    let _ = store.begin_write(address, 1, 10);
    let _ = store.begin_write(address, 2, 10);
}

#[test]
#[should_panic(expected = "grid: no read or write may be pending for a block that becomes free")]
fn a_block_that_becomes_free_must_have_no_pending_read() {
    let mut store = Store::format(32);
    let reference = store.write(1, 10);
    store.grid.release(reference.address);
    store.checkpoint().unwrap();
    let _pending = store.grid.read(reference, Caching::Bypass);
    store.grid.mark_checkpoint_durable();
}

#[test]
#[should_panic(expected = "the beat of a checkpoint must be above")]
fn beats_must_rise() {
    let mut store = Store::format(32);
    store.checkpoint().unwrap();
    store.grid.mark_checkpoint_durable();
    store.beat = 0;
    let _ = store.checkpoint();
}

/// A ticket of a read of another store, which has the number of a ticket that this store has used
/// up.
fn ticket_of_another(store: &mut Store) -> ReadTicket {
    let reference = store.write(1, 10);
    assert!(store.read(reference, Caching::Bypass).is_ok());
    let mut other = Store::format(32);
    let reference = other.write(1, 10);
    match other.grid.read(reference, Caching::Bypass) {
        ReadOutcome::Pending(ticket) => ticket,
        outcome => panic!("the read does not wait: {outcome:?}"),
    }
}

#[test]
#[should_panic(expected = "grid: a ticket must be of a pending read")]
fn a_read_of_another_grid_is_not_taken() {
    let mut store = Store::format(32);
    let ticket = ticket_of_another(&mut store);
    let _ = store.grid.take_read(ticket);
}

#[test]
#[should_panic(expected = "grid: a ticket must be of a pending read")]
fn a_read_of_another_grid_is_not_forgotten() {
    let mut store = Store::format(32);
    let ticket = ticket_of_another(&mut store);
    store.grid.forget_read(ticket);
}

//! Tests of the state of a store that is opened again.

use downbeat_lsm::grid::Caching;
use downbeat_lsm::superblock::{CheckpointState, Trailer};

use crate::fixture::Store;

#[test]
fn a_checkpoint_keeps_blocks_and_free_set() {
    let mut store = Store::format(64);
    let references: Vec<_> = (0..6).map(|stamp| store.write(stamp, 100)).collect();
    store.grid.release(references[0].address);
    store.checkpoint().unwrap();
    let states = |store: &Store| -> Vec<_> {
        (1..=64).map(|address| store.grid.free_set().state(address)).collect()
    };
    let before = states(&store);
    store.reopen();
    assert_eq!(states(&store), before);
    for (stamp, reference) in references.iter().enumerate() {
        assert_eq!(store.read(*reference, Caching::Use).unwrap().body(), [stamp as u8; 100]);
    }
    assert_eq!(store.superblock.working().state().beat, 1);
}

#[test]
fn without_a_checkpoint_nothing_remains() {
    let mut store = Store::format(64);
    let _ = store.write(1, 100);
    store.reopen();
    assert_eq!(store.grid.free_set().acquired_count(), 0);
}

#[test]
fn a_released_block_is_reused_when_a_later_checkpoint_is_durable_and_not_before() {
    let mut store = Store::format(64);
    let reference = store.write(1, 100);
    store.checkpoint().unwrap();
    store.grid.mark_checkpoint_durable();
    store.grid.release(reference.address);
    assert_ne!(store.acquire(), reference.address);
    store.checkpoint().unwrap();
    assert_ne!(store.acquire(), reference.address);
    store.grid.mark_checkpoint_durable();
    assert_eq!(store.acquire(), reference.address);
}

#[test]
fn checkpoints_without_writes_use_a_bounded_number_of_blocks() {
    let mut store = Store::format(64);
    let mut highest = 0;
    for _ in 0..20 {
        store.checkpoint().unwrap();
        store.grid.mark_checkpoint_durable();
        highest = highest.max(store.grid.free_set().highest_address_acquired().unwrap_or(0));
    }
    assert!(highest <= 8, "{highest}");
}

#[test]
fn a_free_set_of_many_blocks_is_kept_in_a_chain() {
    let mut store = Store::format(8192);
    let mut reservation = store.grid.reserve(6000).unwrap();
    let addresses: Vec<_> = std::iter::from_fn(|| store.grid.acquire(&mut reservation)).collect();
    store.grid.forfeit(reservation);
    store.checkpoint().unwrap();
    store.grid.mark_checkpoint_durable();
    for address in addresses.iter().step_by(3) {
        store.grid.release(*address);
    }
    store.checkpoint().unwrap();
    assert!(store.grid.trailer_blocks().len() > 2);
    let acquired = store.grid.free_set().acquired_count();
    store.reopen();
    assert_eq!(store.grid.free_set().acquired_count(), acquired);
    assert_eq!(store.grid.free_set().released_count(), 2000 + 1);
}

/// Changes the state of a checkpoint, and returns the message of the error of opening it.
fn refused(change: impl FnOnce(&mut CheckpointState)) -> String {
    let mut store = Store::format(64);
    let _ = store.write(1, 100);
    store.checkpoint().expect("the device works");
    let mut state = store.superblock.working().state();
    change(&mut state);
    store.grid.reset();
    store.grid.open(&state).expect_err("the state is wrong").to_string()
}

#[test]
fn an_invalid_checkpoint_is_refused_without_a_panic() {
    let said = refused(|state| state.acquired.size = 1 << 40);
    assert!(said.contains("larger than the maximum of this store"), "{said}");
    let said = refused(|state| state.acquired.last.address = 65);
    assert!(said.contains("a block that stores the free set has an invalid address"), "{said}");
    let said = refused(|state| state.acquired.size -= 8);
    assert!(said.contains("a block of the encoded free set has the wrong body size"), "{said}");
    let said = refused(|state| state.acquired.last.checksum ^= 1);
    assert!(said.contains("it is not the block that the reference names"), "{said}");
    // Released blocks must be acquired: here the acquired ones are read as released, and none as
    // acquired.
    let said = refused(|state| {
        state.released = state.acquired;
        state.acquired = Trailer::default();
    });
    assert!(said.contains("released and not acquired"), "{said}");
}

#[test]
fn a_chain_of_another_kind_or_length_is_refused() {
    let mut store = Store::format(64);
    let value = store.write(1, 16);
    store.checkpoint().unwrap();
    let mut state = store.superblock.working().state();
    state.acquired.last = value;
    store.grid.reset();
    let said = store.grid.open(&state).expect_err("a value is no free set").to_string();
    assert!(said.contains("its kind is not the expected one"), "{said}");
}

//! Tests of the queue of writes: its bound, and what is read from it.

use downbeat_lsm::grid::{Caching, ReadOutcome, Stepped};
use downbeat_lsm::storage::{Layout, LayoutOptions, Storage as _};

use crate::fixture::{OPTIONS, Store};

#[test]
fn the_bound_is_twice_the_writes_in_flight_or_the_blocks_of_a_checkpoint() {
    let layout = |block_count| {
        let options =
            LayoutOptions { sector_size: 128, block_size: 256, superblock_copies: 4, block_count };
        Layout::new(options).expect("the options are valid")
    };
    let store = Store::format(32);
    assert_eq!(OPTIONS.pending_writes_max(&layout(32)), 4);
    assert_eq!(store.grid.pending_writes_max(), 4);
    // Each of two sets of 2^14 bits takes up to 2,048 bytes of words and their markers.
    let most = OPTIONS.pending_writes_max(&layout(1 << 14));
    let store = Store::format(1 << 14);
    assert!(most > 16 && store.grid.free_set_blocks_max() == most, "{most}");
}

#[test]
fn the_queue_is_full_at_its_bound_and_a_step_makes_room() {
    let mut store = Store::format(64);
    for round in 0..10_u8 {
        let mut references = Vec::new();
        while store.grid.has_write_room(1) {
            let address = store.acquire();
            references.push(store.begin_write(address, round, 10));
        }
        assert_eq!(store.grid.pending_writes(), store.grid.pending_writes_max());
        assert!(!store.grid.has_write_room(1) && store.grid.has_write_room(0));
        assert!(matches!(store.grid.step(), Stepped::Progress));
        assert!(store.grid.has_write_room(1) && !store.grid.has_write_room(2));
        // All are read from memory: the first from the cache, the others from the queue.
        for reference in references {
            let ReadOutcome::Ready(block) = store.grid.read(reference, Caching::Use) else {
                panic!("a block that is written is in memory")
            };
            assert_eq!((block.reference(), block.body()), (reference, &[round; 10][..]));
        }
        store.settle();
        assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
    }
}

#[test]
#[should_panic(expected = "grid: a writer must wait while the queue is full (4 writes)")]
fn a_write_to_a_full_queue_panics() {
    let mut store = Store::format(64);
    for stamp in 0..5 {
        let address = store.acquire();
        store.begin_write(address, stamp, 10);
    }
}

#[test]
fn a_checkpoint_waits_for_room_in_the_queue() {
    let mut store = Store::format(64);
    while store.grid.has_write_room(1) {
        let address = store.acquire();
        store.begin_write(address, 1, 10);
    }
    store.checkpoint().unwrap();
    assert!(store.grid.is_idle());
    store.reopen();
}

#[test]
fn places_of_the_queue_are_used_again() {
    let mut store = Store::format(512);
    let mut references = Vec::new();
    for stamp in 0..200_u8 {
        let address = store.acquire();
        references.push((store.begin_write(address, stamp, 10), stamp));
        if !store.grid.has_write_room(1) {
            assert!(matches!(store.grid.step(), Stepped::Progress));
        }
    }
    store.settle();
    for (reference, stamp) in references {
        assert_eq!(store.read(reference, Caching::Bypass).unwrap().body(), [stamp; 10]);
    }
}

#[test]
fn a_reset_empties_the_queue() {
    let mut store = Store::format(64);
    for _ in 0..3 {
        let address = store.acquire();
        store.begin_write(address, 1, 10);
        while store.grid.storage_mut().abandon().is_some() {}
        store.reopen();
        assert_eq!(store.grid.pending_writes(), 0);
        assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
        assert!(store.grid.has_write_room(store.grid.pending_writes_max()));
    }
}

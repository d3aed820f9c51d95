//! Tests of writing and reading blocks.

use downbeat_lsm::block::{BlockReference, Place, Reason};
use downbeat_lsm::grid::{Caching, GridError, ReadOutcome, ReadTicket};

use crate::fixture::{OPTIONS, Store};

#[test]
fn a_block_is_read_as_it_was_written() {
    let mut store = Store::format(32);
    for size in [1, 64, 191, 192] {
        let reference = store.write(0x5a, size);
        for caching in [Caching::Use, Caching::Bypass] {
            let block = store.read(reference, caching).unwrap();
            assert_eq!(block.body(), vec![0x5a; size]);
            assert_eq!((block.contents().tree, block.contents().snapshot), (1, 7));
            assert_eq!(block.reference(), reference);
        }
    }
}

#[test]
fn a_block_is_read_while_it_is_being_written() {
    let mut store = Store::format(32);
    let address = store.acquire();
    let reference = store.begin_write(address, 1, 10);
    for caching in [Caching::Use, Caching::Bypass] {
        let ReadOutcome::Ready(block) = store.grid.read(reference, caching) else {
            panic!("a pending write answers at once")
        };
        assert_eq!(block.body(), [1; 10]);
    }
    assert_eq!(store.grid.statistics().read_from_writes, 2);
    store.settle();
    assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
}

#[test]
fn reads_of_one_block_are_one_read_of_the_device() {
    let mut store = Store::format(32);
    let reference = store.write(1, 10);
    let outcomes = [0; 3].map(|_| store.grid.read(reference, Caching::Bypass));
    store.settle();
    for outcome in outcomes {
        let ReadOutcome::Pending(ticket) = outcome else { panic!("the device is asked") };
        assert_eq!(store.grid.take_read(ticket).unwrap().unwrap().body(), [1; 10]);
    }
    let statistics = store.grid.statistics();
    assert_eq!((statistics.read_from_device, statistics.reads_joined), (1, 2));
}

#[test]
fn a_forgotten_read_keeps_nothing() {
    let mut store = Store::format(32);
    let reference = store.write(1, 10);
    for settled_before in [false, true] {
        let ReadOutcome::Pending(ticket) = store.grid.read(reference, Caching::Bypass) else {
            panic!("the device is asked")
        };
        if settled_before {
            store.settle();
        }
        store.grid.forget_read(ticket);
        store.settle();
        assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
    }
}

/// Begins to read these blocks from the device, and returns the tickets.
fn begin_reads(store: &mut Store, references: &[BlockReference]) -> Vec<ReadTicket> {
    let mut begin = |reference: &BlockReference| match store.grid.read(*reference, Caching::Bypass)
    {
        ReadOutcome::Pending(ticket) => ticket,
        outcome => panic!("the device is asked ({outcome:?})"),
    };
    references.iter().map(&mut begin).collect()
}

#[test]
fn a_read_that_waits_is_withdrawn_when_all_of_its_tickets_are_forgotten() {
    let mut store = Store::format(32);
    let references: Vec<_> = (0..5).map(|stamp| store.write(stamp, 10)).collect();
    let mut tickets = begin_reads(&mut store, &references);
    tickets.extend(begin_reads(&mut store, &references[2..=2]));
    let [.., third, fourth, fifth, third_again]: [_; 6] = tickets.try_into().unwrap();
    assert_eq!((store.grid.reads_in_flight(), store.grid.pending_reads()), (2, 5));
    // This one is in the middle of the queue.
    store.grid.forget_read(fourth);
    assert_eq!(store.grid.pending_reads(), 4);
    store.grid.forget_read(third);
    assert_eq!(store.grid.pending_reads(), 4);
    store.settle();
    for (ticket, stamp) in [(third_again, 2), (fifth, 4)] {
        assert_eq!(store.grid.take_read(ticket).unwrap().unwrap().body(), [stamp; 10]);
    }
    assert_eq!(store.grid.statistics().read_from_device, 4);
}

#[test]
fn reads_that_are_begun_and_forgotten_do_not_pile_up() {
    let mut store = Store::format(32);
    let references: Vec<_> = (0..8).map(|stamp| store.write(stamp, 10)).collect();
    for _ in 0..100 {
        for ticket in begin_reads(&mut store, &references) {
            store.grid.forget_read(ticket);
        }
        assert_eq!(store.grid.pending_reads(), OPTIONS.reads_in_flight_max as usize);
    }
    // A read in flight that was forgotten can be joined.
    let ticket = begin_reads(&mut store, &references[..1]).pop().unwrap();
    store.settle();
    assert_eq!(store.grid.take_read(ticket).unwrap().unwrap().body(), [0; 10]);
    let reads = u64::from(OPTIONS.reads_in_flight_max);
    assert_eq!(store.grid.statistics().read_from_device, reads);
    assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
}

#[test]
fn a_cached_block_is_not_read_from_the_device() {
    let mut store = Store::format(32);
    let reference = store.write(1, 10);
    assert!(store.grid.is_cached(reference));
    assert!(matches!(store.grid.read(reference, Caching::Use), ReadOutcome::Ready(_)));
    assert_eq!(store.grid.statistics().read_from_cache, 1);
    assert_eq!(store.grid.statistics().read_from_device, 0);
}

#[test]
fn a_handle_keeps_a_block_that_the_cache_has_dropped() {
    let mut store = Store::format(64);
    let reference = store.write(1, 10);
    let handle = store.read(reference, Caching::Use).unwrap();
    for _ in 0..20 {
        let _ = store.write(2, 10);
    }
    assert!(!store.grid.is_cached(reference));
    assert_eq!(handle.body(), [1; 10]);
    assert_eq!(store.grid.unused_buffers(), store.grid.buffers() - 1);
    drop(handle);
    assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
}

#[test]
fn writes_beyond_those_in_flight_wait_and_are_written() {
    let mut store = Store::format(32);
    let references: Vec<_> = (0..4_u8)
        .map(|stamp| {
            let address = store.acquire();
            store.begin_write(address, stamp, 10)
        })
        .collect();
    assert_eq!(store.grid.statistics().writes_queued, 2);
    store.settle();
    for (stamp, reference) in references.into_iter().enumerate() {
        assert_eq!(store.read(reference, Caching::Bypass).unwrap().body(), [stamp as u8; 10]);
    }
}

#[test]
fn reads_wait_for_memory_and_complete() {
    let mut store = Store::format(64);
    let references: Vec<_> = (0..8).map(|stamp| store.write(stamp, 10)).collect();
    let mut buffers: Vec<_> = std::iter::from_fn(|| store.grid.take_buffer()).collect();
    assert!(buffers.len() >= OPTIONS.private_blocks as usize);
    let uncached = references.iter().find(|reference| !store.grid.is_cached(**reference)).unwrap();
    let ReadOutcome::Pending(ticket) = store.grid.read(*uncached, Caching::Use) else {
        panic!("the device is asked")
    };
    let _ = store.grid.step();
    let ticket = store.grid.take_read(ticket).expect_err("there is no memory");
    store.grid.give_buffer(buffers.pop().unwrap());
    store.settle();
    assert!(store.grid.take_read(ticket).unwrap().is_ok());
}

#[test]
fn damage_is_reported_with_address_and_reason() {
    let mut store = Store::format(32);
    let reference = store.write(1, 10);
    let offset = store.grid.layout().block(reference.address).offset as usize;
    store.grid.storage_mut().bytes_mut()[offset + 70] ^= 1;
    let error = store.read(reference, Caching::Bypass).unwrap_err();
    let GridError::Corruption(corruption) = error else { panic!("{error}") };
    assert_eq!(corruption.place, Place::Block(reference.address));
    assert_eq!(corruption.reason, Reason::Checksum);
    // The copy in memory is sound.
    assert!(store.read(reference, Caching::Use).is_ok());
}

#[test]
fn a_misdirected_or_stale_block_is_refused() {
    let mut store = Store::format(32);
    let (first, second) = (store.write(1, 10), store.write(2, 10));
    let layout = *store.grid.layout();
    let [to, from] = [first, second].map(|block| layout.block(block.address).offset as usize);
    let bytes = store.grid.storage_mut().bytes_mut();
    bytes.copy_within(from..from + layout.block_size(), to);
    let error = store.read(first, Caching::Bypass).unwrap_err();
    let GridError::Corruption(corruption) = error else { panic!("{error}") };
    assert_eq!(corruption.reason, Reason::OtherBlock);
}

#[test]
fn too_few_free_blocks_are_refused_and_leave_room_for_a_checkpoint() {
    let mut store = Store::format(8);
    let mut count = 0;
    while let Some(mut reservation) = store.grid.reserve(1) {
        store.grid.acquire(&mut reservation).unwrap();
        store.grid.forfeit(reservation);
        count += 1;
    }
    assert!(count > 0);
    assert_eq!(store.grid.statistics().refused_for_want_of_blocks, 1);
    store.checkpoint().unwrap();
}

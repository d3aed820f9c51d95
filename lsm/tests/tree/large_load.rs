//! Tests of a load that writes many times more blocks than the queue of writes holds.

use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use crate::records::Entry;
use crate::stores::memory;

/// Many small beats in a store with small blocks.
fn options(writes_in_flight_max: u32) -> StoreOptions {
    let mut options = StoreOptions::tiny(1 << 13);
    options.layout.block_size = 512;
    options.tree.beat_value_count_max = 16;
    options.tree.beats_per_bar = 16;
    options.tree.level_count = 5;
    options.tree.growth_factor = 4;
    StoreOptions { writes_in_flight_max, checkpoint_interval: 4, ..options }
}

/// Loads records in an order that mixes keys. Checks the queue after each call, and returns the
/// device's bytes and the maximum number of writes that were pending.
fn load(writes_in_flight_max: u32) -> Result<(Vec<u8>, usize), StoreError> {
    let options = options(writes_in_flight_max);
    let mut store = Store::format(memory(&options), &options, 1)?;
    let bound = store.grid().pending_writes_max();
    let of_checkpoint = store.grid().free_set_blocks_max() as usize;
    assert!(bound <= of_checkpoint.max(2 * writes_in_flight_max as usize));
    let mut most = 0;
    for number in 0..30_000_u64 {
        let key = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        store.put(&Entry { key, stamp: number })?;
        let pending = store.grid().pending_writes();
        assert!(pending <= bound, "{pending} writes are pending, and {bound} may be");
        most = most.max(pending);
    }
    store.checkpoint()?;
    assert_eq!(store.grid().pending_writes(), 0);
    let written = store.grid().statistics().written;
    assert!(written > 5000, "the load writes {written} blocks");
    Ok((store.into_storage().bytes().to_vec(), most))
}

#[test]
fn the_queue_of_writes_stays_within_its_bound_in_a_large_load() {
    let (bytes, most) = load(4).expect("the device has room");
    assert!(most > 4, "at most {most} writes are pending: no write waits for another");
    for writes_in_flight_max in [1, 64] {
        let (other, _) = load(writes_in_flight_max).expect("the device has room");
        assert!(bytes == other, "the bytes depend on the queue ({writes_in_flight_max})");
    }
}

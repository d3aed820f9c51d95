//! Fills a quarter of a device in memory with records of 128 bytes, and overwrites them at random
//! until 20 times the size of the device was written. The options are those for production.
//!
//! `overwrites [BLOCKS]`, with 16,384 blocks (1 GiB) by default. Prints a line of figures.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the lints are for the library, and this is a program"
)]

mod row;

use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use row::Row;

/// How many times the size of the device is written.
const TIMES: u64 = 20;

fn main() -> Result<(), StoreError> {
    let block_count = std::env::args().nth(1).map_or(1 << 14, |blocks| {
        blocks.parse().unwrap_or_else(|_| panic!("the number of blocks is a number ({blocks})"))
    });
    let options = StoreOptions::production(block_count);
    let size = options.device_size()? as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    let mut store = Store::<Row, _>::format(device, &options, 1)?;
    let keys = block_count * options.layout.block_size as u64 / 4 / size_of::<Row>() as u64;
    let mut last = vec![0; keys as usize];
    let (mut puts, mut random, mut early, mut announced) = (0_u64, 1_u64, 0, 0);
    while store.grid().statistics().written < TIMES * block_count {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let key = if puts < keys { puts } else { (random >> 32) % keys };
        puts += 1;
        last[key as usize] = puts;
        store.put(&Row::new(key, puts))?;
        if let Some(trigger) = store.early_checkpoints().last().filter(|last| *last > announced) {
            (early, announced) = (early + 1, trigger);
        }
    }
    store.checkpoint()?;
    store.open_again()?;
    let mut wrong = 0;
    let mut expected = last.iter();
    for row in store.range(..) {
        wrong += u64::from(expected.next() != Some(&row?.put));
    }
    wrong += expected.len() as u64;
    println!(
        "{block_count} blocks, {keys} records, {puts} puts, {early} early checkpoints, {wrong} wrong"
    );
    Ok(())
}

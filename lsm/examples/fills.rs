//! Fills a store in memory until puts are refused, empties it by removals, and fills it again.
//! Opens it again after each filling and each emptying, and compares it with what was put.
//!
//! `fills [BLOCKS [BLOCK_SIZE [ROUNDS]]]`, with 4,096 blocks of 4,096 bytes and 10 rounds by
//! default. Prints a line of figures.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the lints are for the library, and this is a program"
)]

use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Fullness, Store, StoreError, StoreOptions};
mod row;

use row::Row;

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 32) % bound
    }
}

/// What went wrong, counted.
#[derive(Default)]
struct Wrong {
    /// Records that differ from what was put.
    records: u64,
    /// Removals that were refused, and fillings without a signal before the refusal.
    refusals: u64,
}

/// The options for a store of `block_count` blocks: those for production from 1,024 blocks on. A
/// smaller device has shorter bars, smaller merges and a shorter log, and a memtable has a 64th of
/// the device, so that there is room for several tables.
fn options(block_count: u64, block_size: usize) -> StoreOptions {
    let mut options = StoreOptions::production_of::<Row>(block_size, block_count);
    options.cache.sets = options.cache.sets.min(256);
    if block_count < 1024 {
        // A block has a header.
        let records = block_count * ((block_size - 256) / size_of::<Row>()) as u64 / 64;
        options.tree.beats_per_bar = 8;
        options.tree.beat_value_count_max = (records / 8).max(1) as u32;
        options.tree.growth_factor = 4;
    }
    options
}

/// Counts the records that differ from the keys and the number of their put.
fn compare(
    store: &mut Store<Row, MemoryStorage>,
    keys: &[u64],
    round: u64,
) -> Result<u64, StoreError> {
    let mut wrong = 0;
    let mut expected = keys.iter();
    for row in store.range(..) {
        let row = row?;
        wrong += u64::from(expected.next() != Some(&row.key) || row.put != round);
    }
    Ok(wrong + expected.len() as u64)
}

fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1).map(|argument| match argument.parse() {
        Ok(number) => number,
        Err(_) => panic!("an argument is a number ({argument})"),
    });
    let mut argument = |or: u64| arguments.next().unwrap_or(or);
    let (block_count, block_size, rounds) = (argument(4096), argument(4096), argument(10));
    let options = options(block_count, block_size as usize);
    let size = options.device_size()? as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    let mut store = Store::<Row, _>::format(device, &options, 1)?;
    let (mut random, mut wrong) = (Random(block_count), Wrong::default());
    let (mut least, mut most) = (u64::MAX, 0);
    for round in 0..rounds {
        let mut keys = Vec::new();
        let mut is_said = false;
        let refused = loop {
            let key = random.below(1 << 32) << 20 | keys.len() as u64;
            if let Err(error) = store.put(&Row::new(key, round)) {
                break error;
            }
            keys.push(key);
            is_said |= store.fullness() == Fullness::NearlyFull;
        };
        if refused != StoreError::Full {
            return Err(refused);
        }
        wrong.refusals += u64::from(!is_said);
        (least, most) = (least.min(keys.len() as u64), most.max(keys.len() as u64));
        store.checkpoint()?;
        store.open_again()?;
        keys.sort_unstable();
        wrong.records += compare(&mut store, &keys, round)?;
        for place in (1..keys.len()).rev() {
            keys.swap(place, random.below(place as u64 + 1) as usize);
        }
        for key in keys {
            match store.remove(key) {
                Ok(()) => {}
                Err(StoreError::Full) => wrong.refusals += 1,
                Err(error) => return Err(error),
            }
        }
        store.checkpoint()?;
        store.open_again()?;
        wrong.records += compare(&mut store, &[], round)?;
    }
    let share = |records: u64| records * size_of::<Row>() as u64 * 100 / (block_count * block_size);
    let Wrong { records, refusals } = wrong;
    println!(
        "{block_count} blocks of {block_size}, {rounds} rounds: filled to {} to {} percent, \
         {refusals} refusals, {records} wrong",
        share(least),
        share(most),
    );
    Ok(())
}

//! Stores that are filled until puts are refused, emptied by removals, and filled again.

use std::collections::BTreeMap;

use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Fullness, Store, StoreError, StoreOptions};
use downbeat_lsm::tree::TreeOptions;

use crate::random::Random;
use crate::records::{Numbered as _, Object};

const BLOCK_SIZE: u64 = 4096;

/// Options of a device of 4 KiB blocks, with memtables of `memtable` blocks.
pub(crate) fn options(
    block_count: u64,
    memtable: u64,
    growth_factor: u32,
    interval: u32,
) -> StoreOptions {
    let mut options = StoreOptions::tiny(block_count);
    options.layout.sector_size = 512;
    options.layout.block_size = BLOCK_SIZE as usize;
    let records_of_block = (BLOCK_SIZE - 64) / size_of::<Object>() as u64;
    options.tree = TreeOptions {
        beat_value_count_max: (records_of_block * memtable / 8) as u32,
        beats_per_bar: 8,
        growth_factor,
        level_count: 5,
        ..TreeOptions::tiny(1, "records")
    };
    StoreOptions { checkpoint_interval: interval, manifest_compact_extra_blocks: 1, ..options }
}

pub(crate) fn format(options: &StoreOptions) -> Store<Object, MemoryStorage> {
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    Store::format(device, options, 7).expect("a sound device")
}

pub(crate) fn assert_equals(
    store: &mut Store<Object, MemoryStorage>,
    model: &BTreeMap<u64, Object>,
) {
    let got = store.range(..).map(|record| record.expect("a sound device"));
    assert!(got.eq(model.values().copied()));
}

/// Puts random keys until a put is refused.
pub(crate) fn fill(
    store: &mut Store<Object, MemoryStorage>,
    random: &mut Random,
    stamp: u64,
) -> BTreeMap<u64, Object> {
    let mut model = BTreeMap::new();
    let mut is_said = false;
    loop {
        let key = random.below(1 << 40);
        let record = Object::put(key, stamp);
        match store.put(&record) {
            Ok(()) => drop(model.insert(key, record)),
            Err(error) => {
                assert_eq!(error, StoreError::Full);
                assert_eq!(store.fullness(), Fullness::FullForPuts);
                assert!(is_said, "a signal comes before a refusal");
                return model;
            }
        }
        is_said |= store.fullness() == Fullness::NearlyFull;
    }
}

#[test]
fn a_store_is_filled_emptied_and_filled_again() {
    let all =
        [(64, 1, 4, 1), (96, 1, 8, 16), (256, 4, 4, 16), (1024, 16, 8, 1000), (1024, 8, 3, 3)];
    for (block_count, memtable, growth_factor, interval) in all {
        let options = options(block_count, memtable, growth_factor, interval);
        let what = format!("{block_count} blocks, growth factor {growth_factor}");
        let mut store = format(&options);
        let mut random = Random(block_count);
        for round in 0..10 {
            let model = fill(&mut store, &mut random, round);
            store.checkpoint().expect("a full store takes a checkpoint");
            store.open_again().expect("a sound device");
            assert_equals(&mut store, &model);
            let mut keys: Vec<u64> = model.into_keys().collect();
            for place in (1..keys.len()).rev() {
                keys.swap(place, random.below(place as u64 + 1) as usize);
            }
            for key in keys {
                assert_eq!(store.remove(key), Ok(()), "{what}, round {round}");
            }
            store.checkpoint().expect("an empty store takes a checkpoint");
            store.open_again().expect("a sound device");
            assert_equals(&mut store, &BTreeMap::new());
            // The next put makes room.
            assert_eq!(store.put(&Object::put(1, round)), Ok(()), "{what}, round {round}");
            assert_eq!(store.remove(1), Ok(()), "{what}, round {round}");
        }
    }
}

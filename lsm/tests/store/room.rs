//! Stores whose blocks mostly wait for a checkpoint, which is then taken early.

use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreOptions};
use downbeat_lsm::tree::TreeOptions;

use crate::random::Random;
use crate::records::{Numbered as _, Object};

const BLOCK_SIZE: u64 = 4096;

/// Options of a device of 4 KiB blocks. A memtable fills a 64th of the device.
fn options(block_count: u64, checkpoint_interval: u32) -> StoreOptions {
    let mut options = StoreOptions::tiny(block_count);
    options.layout.sector_size = 512;
    options.layout.block_size = BLOCK_SIZE as usize;
    let records_of_block = (BLOCK_SIZE - 64) / size_of::<Object>() as u64;
    options.tree = TreeOptions {
        beat_value_count_max: (records_of_block * block_count / 64 / 8) as u32,
        beats_per_bar: 8,
        growth_factor: 4,
        level_count: 5,
        ..TreeOptions::tiny(1, "records")
    };
    StoreOptions { checkpoint_interval, manifest_compact_extra_blocks: 1, ..options }
}

fn format(options: &StoreOptions) -> Store<Object, MemoryStorage> {
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    Store::format(device, options, 7).expect("a sound device")
}

#[test]
fn a_quarter_of_the_device_is_overwritten_at_random_for_ever() {
    for (block_count, interval) in [(512, 1), (512, 16), (2048, 1000)] {
        let options = options(block_count, interval);
        let mut store = format(&options);
        let keys = block_count * BLOCK_SIZE / 4 / size_of::<Object>() as u64;
        let mut random = Random(block_count);
        let mut last = vec![0; keys as usize];
        for stamp in 1..=20 * 4 * keys {
            let key = random.below(keys);
            last[key as usize] = stamp;
            let put = store.put(&Object::put(key, stamp));
            assert_eq!(put, Ok(()), "{block_count} blocks, {interval} bars, put {stamp}");
        }
        assert_eq!(store.early_checkpoints().len() > 0, interval > 1);
        store.checkpoint().expect("a sound device");
        store.open_again().expect("a sound device");
        let expected = last.iter().zip(0..).filter(|(stamp, _)| **stamp > 0);
        let expected = expected.map(|(stamp, key)| Object::put(key, *stamp));
        assert!(store.range(..).map(|record| record.expect("a sound device")).eq(expected));
    }
}

#[test]
fn a_store_with_room_takes_no_early_checkpoint() {
    let mut store = format(&options(2048, 16));
    for key in 0..30_000 {
        store.put(&Object::put(key, 1)).expect("a sound device");
    }
    assert_eq!(store.early_checkpoints().len(), 0);
    assert_eq!(store.next_checkpoint(), 7 + 16 * 8);
}

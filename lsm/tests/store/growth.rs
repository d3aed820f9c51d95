//! Stores that are opened with more blocks, or with another interval of checkpoints.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use downbeat_lsm::grid::free_set::{BlockState, FreeSet, FreeSetOptions};
use downbeat_lsm::manifest::ManifestLevel;
use downbeat_lsm::storage::{Access, Fault, LayoutOptions, MemoryStorage};
use downbeat_lsm::store::{Fullness, InvalidStore, Store, StoreError, StoreOptions};

use crate::full::{assert_equals, fill, format, options};
use crate::random::Random;
use crate::records::{Numbered as _, Object};

type Tested = Store<Object, MemoryStorage>;

fn with_blocks(options: &StoreOptions, block_count: u64) -> StoreOptions {
    StoreOptions { layout: LayoutOptions { block_count, ..options.layout }, ..*options }
}

fn reopened(store: Tested, options: &StoreOptions) -> Result<Tested, StoreError> {
    Store::open(store.into_storage(), options)
}

/// The blocks and the interval that the superblock names.
fn named(store: &Tested) -> (u64, u32) {
    let options = store.superblock().working().state().options;
    (options.block_count, options.checkpoint_interval)
}

/// A full store at a checkpoint, and its records.
fn full(options: &StoreOptions) -> (Tested, BTreeMap<u64, Object>) {
    let mut store = format(options);
    let model = fill(&mut store, &mut Random(5), 1);
    store.checkpoint().expect("a sound device");
    (store, model)
}

#[test]
fn a_full_store_accepts_puts_again_once_it_has_more_blocks() {
    let small = options(400, 8, 4, 2);
    let (store, mut model) = full(&small);
    let mut store = reopened(store, &with_blocks(&small, 800)).expect("it grows");
    assert_eq!(named(&store).0, 400, "the next checkpoint names the blocks");
    let before = model.len();
    let mut key = 1 << 50;
    while store.fullness() == Fullness::HasRoom || model.len() == before {
        let record = Object::put(key, 2);
        store.put(&record).expect("there is room");
        model.insert(key, record);
        key += 1;
    }
    assert!(model.len() > before + before / 2, "{before}, {}", model.len());
    store.checkpoint().expect("a sound device");
    assert_eq!(named(&store).0, 800);
    assert_equals(&mut store, &model);
    let fewer = StoreError::FewerBlocks { block_count: 400, stored: 800 };
    let larger = with_blocks(&small, 800);
    let mut device = store.into_storage();
    let bytes = device.bytes().to_vec();
    assert_eq!(Store::<Object, _>::open(device, &small).map(drop), Err(fewer));
    device = MemoryStorage::new(bytes.len(), small.layout.sector_size);
    device.bytes_mut().copy_from_slice(&bytes);
    let mut store = Tested::open(device, &larger).expect("a store");
    assert_equals(&mut store, &model);
    assert!(store.verify().expect("an open store").errors.is_empty());
}

#[test]
fn a_store_that_grew_and_took_no_checkpoint_opens_with_the_old_count() {
    let small = options(400, 8, 4, 2);
    let (store, model) = full(&small);
    let store = reopened(store, &with_blocks(&small, 900)).expect("it grows");
    let mut store = reopened(store, &small).expect("nothing has changed");
    assert_equals(&mut store, &model);
    assert_eq!(named(&store).0, 400);
}

#[test]
fn beats_after_the_checkpoint_decide_by_the_options_of_the_checkpoint() {
    let small = options(400, 8, 4, 3);
    let mut plain = format(&small);
    let mut random = Random(7);
    fill(&mut plain, &mut random, 1);
    let device = plain.into_storage();
    let bytes = device.bytes().to_vec();
    let play = |opened: &StoreOptions| {
        let mut device = MemoryStorage::new(bytes.len(), small.layout.sector_size);
        device.bytes_mut().copy_from_slice(&bytes);
        let mut store = Tested::open(device, opened).expect("a store");
        let (mut said, checkpoints) = (Vec::new(), store.superblock().working().sequence());
        let mut random = Random(9);
        while store.superblock().working().sequence() == checkpoints {
            if store.fullness().accepts_puts() {
                let _ = store.put(&Object::put(random.below(1 << 40), 2));
            } else {
                store.beat().expect("a sound device");
            }
            let levels: Vec<_> =
                store.tree().manifest().levels().iter().map(ManifestLevel::table_count).collect();
            let log = store.manifest_log().block_addresses().collect::<Vec<_>>();
            if store.superblock().working().sequence() == checkpoints {
                said.push((store.beat_number(), store.fullness(), levels, log));
            }
        }
        (said, named(&store))
    };
    let larger = StoreOptions { checkpoint_interval: 1, ..with_blocks(&small, 1500) };
    let (expected, named) = play(&small);
    assert!(expected.iter().any(|said| said.1 > Fullness::HasRoom) && expected.len() > 8);
    assert_eq!(named, (400, 3));
    let (got, named) = play(&larger);
    assert!(expected == got);
    assert_eq!(named, (1500, 1));
}

#[test]
fn another_interval_holds_from_the_next_checkpoint_on() {
    let often = StoreOptions { checkpoint_interval: 1, ..options(800, 8, 4, 1) };
    let seldom = StoreOptions { checkpoint_interval: 3, ..often };
    let bar = u64::from(often.tree.beats_per_bar);
    let mut store = format(&often);
    let mut taken = Vec::new();
    for beat in 1..12 * bar {
        if beat == 4 * bar + 2 {
            store = reopened(store, &seldom).expect("a store");
            assert_eq!(store.beat_number(), 3 * bar - 1);
        }
        let sequence = store.superblock().working().sequence();
        store.beat().expect("a sound device");
        if store.superblock().working().sequence() > sequence {
            taken.push(store.beat_number());
        }
    }
    assert_eq!(taken, [2, 3, 4, 5, 8].map(|bars| bars * bar - 1));
    assert_eq!(named(&store).1, 3);
}

/// The numbers of blocks, of the next `more`, with which a new store of these options does not
/// open.
fn refused(small: &StoreOptions, more: u64) -> Vec<u64> {
    let blocks = small.layout.block_count;
    let mut refused = Vec::new();
    for block_count in blocks + 1..=blocks + more {
        let device = MemoryStorage::new(1 << 20, small.layout.sector_size);
        let store = Tested::format(device, small, 7).expect("a sound device");
        if let Err(error) = reopened(store, &with_blocks(small, block_count)) {
            assert_eq!(error, StoreError::TooFewMoreBlocks { block_count, stored: blocks });
            refused.push(block_count);
        }
    }
    refused
}

/// A block of the free set has words for so many blocks. With one more, each of the two sets has
/// two blocks.
const OF_BLOCK_OF_SET: u64 = 23 * 64;

#[test]
fn a_store_does_not_grow_by_less_than_two_free_sets() {
    // The free sets of two checkpoints lie side by side: four blocks more.
    let small = StoreOptions::tiny(OF_BLOCK_OF_SET);
    assert_eq!(refused(&small, 200), [1, 2, 3].map(|more| OF_BLOCK_OF_SET + more));
    let smaller = StoreOptions::tiny(OF_BLOCK_OF_SET - 2);
    assert_eq!(refused(&smaller, 10), [1].map(|more| OF_BLOCK_OF_SET + more));
}

#[test]
fn a_device_that_is_too_small_or_does_not_grow_is_an_error() {
    let small = StoreOptions::tiny(400);
    let size = small.device_size().expect("valid options");
    let device = MemoryStorage::new(size as usize - 256, small.layout.sector_size);
    let refused = Tested::format(device, &small, 7).map(drop);
    let needed = InvalidStore::Device { size: size - 256, needed: size };
    assert_eq!(refused, Err(StoreError::Invalid(needed)));
    let fault = Fault::new(Access::Grow, 4096, &ErrorKind::Unsupported.into());
    let said = StoreError::Grow(fault).to_string();
    assert_eq!(said, "the device cannot grow to 4096 bytes: unsupported");
}

#[test]
fn blocks_that_are_added_to_a_free_set_are_free_and_come_last() {
    for (few, all) in [(1, 2), (63, 64), (64, 65), (100, 5000), (4096, 4097), (4000, 9000)] {
        let sizes = FreeSetOptions { block_count: all, shard_size: 64, reservation_count_max: 1 };
        let mut set = FreeSet::new(sizes).expect("valid sizes");
        set.limit(few);
        let none: [&[u8]; 0] = [];
        set.open(none, none, []).expect("an empty set");
        set.mark_checkpoint_durable();
        assert_eq!((set.block_count(), set.free_count()), (few, few));
        assert!(set.reserve(few + 1).is_none());
        let mut reservation = set.reserve(few).expect("all blocks are free");
        while set.acquire(&mut reservation).is_some() {}
        set.forfeit(reservation);
        set.grow();
        set.verify();
        assert_eq!((set.block_count(), set.free_count()), (all, all - few));
        let mut reservation = set.reserve(all - few).expect("the new blocks are free");
        assert_eq!(set.acquire(&mut reservation), Some(few + 1));
        while set.acquire(&mut reservation).is_some() {}
        set.forfeit(reservation);
        assert!((1..=all).all(|address| set.state(address) == BlockState::Acquired));
        set.reset();
        assert_eq!(set.block_count(), all);
    }
}

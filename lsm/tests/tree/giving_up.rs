//! Tables that cannot be read are given up: the store then reads and writes on without them.

use std::collections::BTreeSet;

use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::Access;
use downbeat_lsm::store::{GivenUp, Store, StoreError};

use crate::damage::{Image, KEYS, Model, filled, read_all, write_on};
use crate::frail::{Frail, Wrong};
use crate::records::Entry;

/// A copy of an image with these blocks damaged.
fn damaged(image: &Image, blocks: &[u64]) -> Image {
    let mut bytes = image.bytes.clone();
    for address in blocks {
        bytes[image.layout.block(*address).offset as usize + 80] ^= 1;
    }
    Image { bytes, options: image.options, layout: image.layout }
}

/// The addresses of the blocks that a store needs.
fn blocks_in_use(image: &Image) -> Vec<u64> {
    image.open().grid().free_set().in_use().map(|(address, _)| address).collect()
}

/// The records of a store, all of which can be read.
fn records(store: &mut Store<Entry, Frail>) -> Model {
    let records = store.range(..).map(|entry| entry.expect("the store can be read"));
    records.map(|entry| (entry.key, entry)).collect()
}

/// Checks that only keys of tables that were given up have changed, and that these have an older
/// record or none. Returns whether a record changed.
fn check_loss(model: &Model, left: &Model, lost: &[GivenUp<u64>]) -> bool {
    let is_lost = |key: u64| lost.iter().any(|table| table.keys.contains(key));
    for key in 0..KEYS {
        let (before, after) = (model.get(&key), left.get(&key));
        assert!(before == after || is_lost(key), "{key}: {before:?}, {after:?}");
        if let (Some(before), Some(after)) = (before, after) {
            assert!(after.stamp <= before.stamp, "{before:?}, {after:?}");
        }
    }
    model != left
}

/// Asserts that the blocks in use are exactly those that can be read, which are all.
fn assert_no_block_is_lost(store: &mut Store<Entry, Frail>) {
    let verification = store.verify().expect("the store is open");
    assert_eq!(verification.errors, []);
    let (set, trailers) = (store.grid().free_set(), store.grid().trailer_blocks().len() as u64);
    let in_use = set.acquired_count() - set.released_count() - set.staged_count();
    assert_eq!(in_use, verification.blocks - trailers);
}

#[test]
fn a_store_is_written_again_once_its_damaged_tables_are_given_up() {
    let (image, model) = filled();
    let all = blocks_in_use(&image);
    let [mut tables, mut changed] = [0; 2];
    for (number, address) in all.iter().enumerate() {
        let several = all.iter().skip(number).step_by(7).copied().collect();
        for blocks in [vec![*address], several] {
            let image = damaged(&image, &blocks);
            let Ok(mut store) = Store::<Entry, _>::open(image.device(), &image.options) else {
                continue;
            };
            let lost = store.give_up(..).expect("blocks are free");
            tables += lost.len();
            let left = records(&mut store);
            changed += usize::from(check_loss(&model, &left, &lost));
            assert!(!read_all(&mut store, &left), "{blocks:?}");
            assert_no_block_is_lost(&mut store);
            // Before the next checkpoint, the store opens with the tables.
            store.open_again().expect("a sound superblock");
            assert_eq!(store.give_up(..), Ok(lost), "{blocks:?}");
            for _ in 0..3 {
                assert_eq!(write_on(&mut store), None, "{blocks:?}");
            }
            store.open_again().expect("a sound superblock");
            assert_no_block_is_lost(&mut store);
            assert_eq!(store.give_up(..), Ok(Vec::new()));
        }
    }
    assert!(tables > 40 && changed > 20, "{tables}, {changed}");
}

#[test]
fn a_checkpoint_makes_it_durable_that_a_table_is_given_up() {
    let (image, _) = filled();
    for address in blocks_in_use(&image) {
        let image = damaged(&image, &[address]);
        let Ok(mut store) = Store::<Entry, _>::open(image.device(), &image.options) else {
            continue;
        };
        if store.give_up(..).expect("blocks are free").is_empty() {
            continue;
        }
        let left = records(&mut store);
        store.checkpoint().expect("no block is damaged any more");
        store.open_again().expect("a sound superblock");
        assert_eq!(records(&mut store), left, "block {address}");
    }
}

#[test]
fn only_tables_in_the_range_are_given_up() {
    let (image, _) = filled();
    let all = blocks_in_use(&image);
    let [mut within, mut outside, mut refused] = [0; 3];
    for (number, one) in all.iter().enumerate() {
        for other in &all[number..] {
            let image =
                damaged(&image, &BTreeSet::from([*one, *other]).into_iter().collect::<Vec<_>>());
            let Ok(mut store) = Store::<Entry, _>::open(image.device(), &image.options) else {
                continue;
            };
            let overlaps = |table: &GivenUp<u64>| table.keys.min < 40 && 30 <= table.keys.max;
            match store.give_up(30..40) {
                Ok(lost) => {
                    assert!(lost.iter().all(overlaps));
                    within += lost.len();
                }
                Err(error) => {
                    let is_damage = matches!(error, StoreError::Grid(GridError::Corruption(_)));
                    assert!(is_damage, "the index of a table outside of the range: {error}");
                    refused += 1;
                    continue;
                }
            }
            let lost = store.give_up(..).expect("blocks are free");
            assert!(!lost.iter().any(overlaps));
            outside += lost.len();
            assert_eq!(store.give_up(..), Ok(Vec::new()));
        }
    }
    assert!(within > 0 && outside > 0 && refused > 0, "{within}, {outside}, {refused}");
    let mut store = image.open();
    #[expect(clippy::reversed_empty_ranges, reason = "no key is in it")]
    let none = store.give_up(20..10);
    assert_eq!(none, Ok(Vec::new()));
}

#[test]
fn tables_are_given_up_only_before_the_first_write_and_beat() {
    let (image, model) = filled();
    let mut store = image.open();
    assert_eq!(store.give_up(..), Ok(Vec::new()));
    store.put(&Entry { key: 1, stamp: 1 }).expect("there is room");
    assert_eq!(store.give_up(..), Err(StoreError::NotJustOpened));
    store.open_again().expect("a sound device");
    store.beat().expect("a sound device");
    assert_eq!(store.give_up(..), Err(StoreError::NotJustOpened));
    store.open_again().expect("a sound device");
    assert_eq!(store.give_up(..), Ok(Vec::new()));
    assert_eq!(records(&mut store), model);
}

#[test]
fn a_device_that_is_gone_loses_no_table() {
    let (image, model) = filled();
    let damaged = damaged(&image, &blocks_in_use(&image)[..6]);
    for operations in 0..60 {
        let mut store = damaged.open_with(Wrong::Gone(operations));
        match store.give_up(..) {
            Err(StoreError::Grid(GridError::Gone)) => {}
            Err(StoreError::ReadOnly(BeatError::Grid(GridError::Gone))) => {
                assert!(store.failed().is_some());
            }
            other => {
                let lost = other.expect("the device is gone");
                assert!(lost.iter().all(|it| it.error != StoreError::Grid(GridError::Gone)));
            }
        }
    }
    let mut store = image.open_with(Wrong::Fails(Access::Read, 0));
    let lost = store.give_up(..).expect("blocks are free");
    assert_eq!(lost.len(), 1, "a read that fails once is enough");
    store.open_again().expect("the device is sound");
    assert_eq!(records(&mut store), model, "no checkpoint was taken");
}

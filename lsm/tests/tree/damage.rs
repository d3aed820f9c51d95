//! Damage and failures of the device cause an error, never a wrong answer. After a failure the
//! store can be opened again.

use std::collections::BTreeMap;
use std::ops::Range;

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::{BeatError, BeatProgress};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::storage::{Access, Layout};
use downbeat_lsm::store::{LookupProgress, Salvaged, Store, StoreError, StoreOptions};
use downbeat_lsm::superblock::SuperblockError;

use crate::frail::{Frail, Wrong};
use crate::records::Entry;
use crate::stores;

pub(crate) const KEYS: u64 = 90;

pub(crate) type Model = BTreeMap<u64, Entry>;

fn options() -> StoreOptions {
    let mut options = StoreOptions::tiny(400);
    options.tree.level_count = 5;
    options
}

/// The bytes of a device that holds a store.
pub(crate) struct Image {
    pub(crate) options: StoreOptions,
    pub(crate) layout: Layout,
    pub(crate) bytes: Vec<u8>,
}

impl Image {
    /// A sound device with these bytes.
    pub(crate) fn device(&self) -> Frail {
        Frail::new(stores::holding(&self.bytes, self.layout.sector_size()))
    }

    /// An open store on a sound device.
    pub(crate) fn open(&self) -> Store<Entry, Frail> {
        Store::open(self.device(), &self.options).expect("a sound device")
    }

    /// An open store whose device misbehaves from now on.
    pub(crate) fn open_with(&self, wrong: Wrong) -> Store<Entry, Frail> {
        let mut store = self.open();
        store.by_hand().grid_mut().storage_mut().wrong = Some(wrong);
        store
    }
}

/// The image of a store with tables and tombstones at several levels, and its records.
pub(crate) fn filled() -> (Image, Model) {
    let options = options();
    let mut store =
        Store::format(Frail::new(stores::memory(&options)), &options, 7).expect("a sound device");
    let mut model = Model::new();
    for (stamp, key) in (0..4 * KEYS).map(|number| (number, number * 37 % KEYS)) {
        let entry = Entry { key, stamp };
        store.put(&entry).expect("a sound device");
        model.insert(key, entry);
        if stamp % 5 == 0 {
            store.remove(key * 3 % KEYS).expect("a sound device");
            model.remove(&(key * 3 % KEYS));
        }
    }
    store.checkpoint().expect("a sound device");
    let layout = Layout::new(options.layout).expect("the sizes are valid");
    let bytes = store.into_storage().device.bytes().to_vec();
    (Image { options, layout, bytes }, model)
}

/// Salvages the records of a store whose device misbehaves, in both directions. Asserts that they
/// are exactly those that a get finds, and that the keys for which a get fails are lost. Returns
/// the number of lost blocks, and that of the records that were not salvaged and that of those that
/// were although their keys are lost.
fn salvage(store: &mut Store<Entry, Frail>, model: &Model, keys: Range<u64>) -> [usize; 3] {
    let (mut expected, mut unknown) = (Vec::new(), Vec::new());
    for key in keys.clone() {
        match store.get(key) {
            Ok(found) => {
                assert_eq!(found, model.get(&key).copied());
                expected.extend(found);
            }
            Err(_) => unknown.push(key),
        }
    }
    let mut lost_ways = [Vec::new(), Vec::new()];
    for (lost, descending) in lost_ways.iter_mut().zip([false, true]) {
        store.by_hand().grid_mut().drop_cache();
        let salvage = store.salvage(keys.clone());
        let salvage = if descending { salvage.rev() } else { salvage };
        let mut given = Vec::new();
        let mut errors = Vec::new();
        for item in salvage {
            match item {
                Salvaged::Record(entry) => given.push(entry),
                Salvaged::Lost { keys: KeyRange { min, max }, error } => {
                    assert!(!errors.contains(&error), "a block is lost once ({error})");
                    errors.push(error);
                    let first = if descending { max } else { min };
                    let is_before =
                        |it: &Entry| if descending { it.key > first } else { it.key < first };
                    assert!(given.iter().all(is_before), "a loss is named before its keys");
                    assert!(keys.contains(&min) && keys.contains(&max));
                    lost.push(min..=max);
                }
            }
        }
        if descending {
            given.reverse();
        }
        assert_eq!(given, expected);
        let is_lost = |key: &u64| lost.iter().any(|lost| lost.contains(key));
        assert!(unknown.iter().all(is_lost), "{unknown:?}, {lost:?}");
        lost.sort_by_key(|lost| (*lost.start(), *lost.end()));
    }
    let [upwards, downwards] = &lost_ways;
    assert_eq!(upwards, downwards, "the same keys are lost in both directions");
    let is_lost = |key: &u64| upwards.iter().any(|lost| lost.contains(key));
    let not_salvaged = unknown.iter().filter(|key| model.contains_key(key)).count();
    let salvaged = expected.iter().filter(|entry| is_lost(&entry.key)).count();
    [upwards.len(), not_salvaged, salvaged]
}

#[test]
fn a_salvage_returns_all_records_that_are_certain_and_names_the_lost_keys() {
    let (image, model) = filled();
    let mut store = image.open();
    assert_eq!(salvage(&mut store, &model, 0..KEYS), [0; 3]);
    let all: Vec<u64> = store.grid().free_set().in_use().map(|(address, _)| address).collect();
    let mut sums = [0; 3];
    for (number, address) in all.iter().enumerate() {
        let offset = image.layout.block(*address).offset;
        let bad = Wrong::Bad(Access::Read, offset);
        let mut store = image.open_with(bad);
        let counts = salvage(&mut store, &model, 0..KEYS);
        assert!(counts[0] <= 1 && counts[1] < model.len(), "block {address}: {counts:?}");
        (0..3).for_each(|place| sums[place] += counts[place]);
        salvage(&mut store, &model, 20..70);
        // Records in memory are newer than every block.
        let mut newer = model.clone();
        for key in (0..KEYS).step_by(3) {
            let entry = Entry { key, stamp: 5000 + key };
            if store.put(&entry).is_err() {
                break;
            }
            newer.insert(key, entry);
        }
        let counts = salvage(&mut store, &newer, 0..KEYS);
        (0..3).for_each(|place| sums[place] += counts[place]);
        // Several damaged blocks, some of which overlap.
        let several = all.iter().skip(number).step_by(5).copied().collect();
        let pairs = all[..number].iter().map(|other| vec![*address, *other]);
        for blocks in pairs.chain([several]) {
            let mut bytes = image.bytes.clone();
            for address in blocks {
                bytes[image.layout.block(address).offset as usize + 80] ^= 1;
            }
            let damaged = Image { bytes, options: image.options, layout: image.layout };
            if let Ok(mut store) = Store::open(damaged.device(), &damaged.options) {
                salvage(&mut store, &model, 0..KEYS);
            }
        }
    }
    let [blocks, lost, certain] = sums;
    assert!(blocks > 40 && lost > 100 && certain > 100, "{sums:?}");
}

#[test]
#[should_panic(expected = "a salvage must be reversed before its first item")]
fn a_salvage_is_not_reversed_after_a_loss() {
    let (image, _) = filled();
    let mut store = image.open_with(Wrong::Gone(0));
    let mut salvage = store.salvage(..);
    while !matches!(salvage.next(), Some(Salvaged::Lost { .. })) {}
    let _ = salvage.rev();
}

#[test]
fn a_salvage_of_a_device_that_is_gone_loses_the_rest() {
    let (image, model) = filled();
    for operations in 0..40 {
        let mut store = image.open_with(Wrong::Gone(operations));
        let items: Vec<_> = store.salvage(..).collect();
        let (last, records) = items.split_last().expect("there are records");
        let given = records.iter().map(|item| match item {
            Salvaged::Record(entry) => *entry,
            lost @ Salvaged::Lost { .. } => panic!("{lost:?}"),
        });
        assert!(given.eq(model.values().take(records.len()).copied()));
        match last {
            Salvaged::Lost { keys, error } => {
                assert_eq!(keys.max, u64::MAX);
                assert_eq!(*error, StoreError::Grid(GridError::Gone));
            }
            Salvaged::Record(_) => assert_eq!(items.len(), model.len()),
        }
    }
}

/// Reads everything in every way. Asserts that each answer is right, and returns whether there was
/// an error.
pub(crate) fn read_all(store: &mut Store<Entry, Frail>, model: &Model) -> bool {
    let mut failed = false;
    for key in 0..KEYS {
        match store.get(key) {
            Ok(found) => assert_eq!(found, model.get(&key).copied(), "key {key}"),
            Err(_) => failed = true,
        }
        if let Some(ticket) = store.by_hand().lookup_begin(key) {
            if key % 7 == 0 {
                store.by_hand().lookup_forget(ticket);
                continue;
            }
            let mut ticket = Some(ticket);
            while let Some(waiting) = ticket.take() {
                match store.by_hand().lookup_take(waiting) {
                    LookupProgress::Ended(Ok(found)) => {
                        assert_eq!(found, model.get(&key).copied(), "key {key}");
                    }
                    LookupProgress::Ended(Err(_)) => failed = true,
                    LookupProgress::Pending(waiting) if store.by_hand().step() => {
                        ticket = Some(waiting);
                    }
                    LookupProgress::Pending(waiting) => {
                        store.by_hand().lookup_forget(waiting);
                        failed = true;
                    }
                }
            }
        }
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut expected: Vec<Entry> = model.values().copied().collect();
        if direction == Direction::Descending {
            expected.reverse();
        }
        let mut given = 0;
        let mut range = store.range(..);
        if direction == Direction::Descending {
            range = range.rev();
        }
        loop {
            match range.next() {
                None => {
                    assert_eq!(given, expected.len());
                    break;
                }
                Some(Ok(entry)) => {
                    assert_eq!(Some(&entry), expected.get(given));
                    given += 1;
                }
                Some(Err(_)) => {
                    failed = true;
                    assert!(
                        range.next().is_none() && range.next().is_none(),
                        "a range ends after an error"
                    );
                    break;
                }
            }
        }
    }
    failed
}

/// Puts every key and takes a checkpoint. Returns the error if one of these calls fails.
pub(crate) fn write_on(store: &mut Store<Entry, Frail>) -> Option<StoreError> {
    for key in 0..KEYS {
        if let Err(error) = store.put(&Entry { key, stamp: 1000 + key }) {
            return Some(error);
        }
    }
    store.checkpoint().err()
}

#[test]
fn every_damaged_block_is_an_error_and_never_a_wrong_answer() {
    let (image, model) = filled();
    let [mut opened, mut read, mut written] = [0; 3];
    for address in 1..=image.layout.block_count() {
        let span = image.layout.block(address);
        let start = usize::try_from(span.offset).unwrap();
        if image.bytes[start..start + span.length].iter().all(|byte| *byte == 0) {
            continue;
        }
        let mut device = image.device();
        device.device.bytes_mut()[start + 70] ^= 4;
        let Ok(mut store) = Store::<Entry, _>::open(device, &image.options) else {
            opened += 1;
            continue;
        };
        read += u32::from(read_all(&mut store, &model));
        if let Some(error) = write_on(&mut store) {
            let StoreError::ReadOnly(BeatError::Grid(GridError::Corruption(_))) = error else {
                panic!("{error:?}");
            };
            assert_eq!(store.put(&Entry { key: 1, stamp: 1 }), Err(error));
            assert_eq!(store.failed().map(StoreError::ReadOnly), Some(error));
            written += 1;
        }
    }
    assert!(opened > 0 && read > 0 && written > 0, "{opened}, {read}, {written}");
}

#[test]
fn a_failed_read_is_an_error_and_can_be_tried_again() {
    let (image, model) = filled();
    for nth in 0..60 {
        let mut device = image.device();
        device.wrong = Some(Wrong::Fails(Access::Read, nth));
        let mut store = Store::<Entry, _>::new(device, &image.options).unwrap();
        // Opening reads the superblock again after a failed read.
        if store.open_again().is_err() {
            store.open_again().unwrap();
        }
        read_all(&mut store, &model);
        assert!(!read_all(&mut store, &model), "read {nth}");
        assert_eq!(write_on(&mut store), None);
    }
}

#[test]
fn a_beat_that_cannot_read_makes_the_store_read_only_until_it_is_opened_again() {
    let (image, model) = filled();
    let mut failures = 0;
    for nth in 0..200 {
        let mut store = image.open_with(Wrong::Fails(Access::Read, nth));
        let Some(error) = write_on(&mut store) else { continue };
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error}");
        assert!(error.to_string().starts_with("the store is read-only until it is reopened: "));
        failures += 1;
        store.open_again().unwrap();
        // If a checkpoint was taken before the failure, the store has newer records than the model.
        if store.get(0) == Ok(model.get(&0).copied()) {
            assert!(!read_all(&mut store, &model), "read {nth}");
        }
    }
    assert!(failures > 20, "{failures}");
}

#[test]
fn a_write_or_flush_that_fails_makes_the_store_read_only_until_it_is_opened_again() {
    let (image, model) = filled();
    for access in [Access::Write, Access::Flush] {
        let mut failures = 0;
        for nth in 0..400 {
            let mut store = image.open_with(Wrong::Fails(access, nth));
            let Some(error) = write_on(&mut store) else { continue };
            failures += 1;
            assert_eq!(store.put(&Entry { key: 1, stamp: 1 }), Err(error), "{access:?} {nth}");
            store.open_again().unwrap();
            if store.get(0) == Ok(model.get(&0).copied()) {
                assert!(!read_all(&mut store, &model), "{access:?} {nth}");
            }
        }
        assert!(failures > 0, "{access:?}");
    }
}

/// Puts and runs a beat. Asserts that no table is inserted after a failed write.
fn put_and_beat(store: &mut Store<Entry, Frail>, entry: Entry) -> Result<(), StoreError> {
    store.put(&entry)?;
    store.by_hand().beat_begin()?;
    loop {
        let failed = store.grid().failed().is_some();
        let before = store.manifest_log().statistics().inserts;
        let mut progress = store.by_hand().beat_advance();
        let after = store.manifest_log().statistics().inserts;
        assert!(!failed || after == before, "{before} tables, {after} after a failure");
        if progress == BeatProgress::Waiting {
            progress = store.by_hand().beat_step();
        }
        match progress {
            BeatProgress::Waiting => {}
            BeatProgress::Ended { .. } => return Ok(()),
            BeatProgress::Failed(error) => return Err(StoreError::ReadOnly(error)),
        }
    }
}

#[test]
fn a_beat_in_which_a_write_failed_fails_and_changes_no_level() {
    let (image, _) = filled();
    let mut failures = 0;
    for nth in 0..120 {
        let mut store = image.open_with(Wrong::Fails(Access::Write, nth));
        for stamp in 0..KEYS {
            let ended = put_and_beat(&mut store, Entry { key: stamp, stamp });
            if store.grid().failed().is_some() {
                failures += 1;
                assert!(ended.is_err(), "write {nth}");
                assert!(store.failed().is_some(), "write {nth}");
                break;
            }
        }
    }
    assert!(failures > 20, "{failures}");
}

#[test]
fn blocks_not_written_because_of_a_failure_are_not_reported_as_damaged() {
    let (image, _) = filled();
    let mut lost = 0;
    for nth in 0..120 {
        let mut store = image.open_with(Wrong::Fails(Access::Write, nth));
        while write_on(&mut store).is_none() {}
        store.by_hand().grid_mut().drop_cache();
        for key in 0..KEYS {
            if let Err(error) = store.get(key) {
                let StoreError::Grid(GridError::Failed(_)) = error else {
                    panic!("write {nth}, key {key}: {error:?}");
                };
                lost += 1;
            }
        }
        for key in 0..KEYS {
            if let Some(Err(error)) = store.range(key..=key).last() {
                let StoreError::Grid(GridError::Failed(_)) = error else {
                    panic!("write {nth}, key {key}: {error:?}");
                };
            }
        }
    }
    assert!(lost > 0);
}

#[test]
fn a_beat_that_needs_a_block_not_written_because_of_a_failure_reports_that_failure() {
    let (image, _) = filled();
    let mut by_failure = 0;
    for nth in 0..120 {
        let mut store = image.open_with(Wrong::Fails(Access::Write, nth));
        let mut stamp = 1000;
        let error = loop {
            stamp += 1;
            let entry = Entry { key: stamp * 37 % KEYS, stamp };
            if let Err(error) = store.put(&entry).and_then(|()| store.beat()) {
                break error;
            }
            // In every other run, the writes that are pending after the beat complete here, and one
            // may fail, between two beats. In the others it fails within a beat.
            while nth % 2 == 0 && store.by_hand().step() {}
            store.by_hand().grid_mut().drop_cache();
        };
        // The failing write may also be one of the superblock.
        match error {
            StoreError::ReadOnly(BeatError::Grid(GridError::Failed(_))) => by_failure += 1,
            StoreError::ReadOnly(BeatError::Checkpoint(
                CheckpointError::Grid(GridError::Failed(_))
                | CheckpointError::Superblock(SuperblockError::Fault(_)),
            )) => {}
            _ => panic!("write {nth}: {error:?}"),
        }
    }
    assert!(by_failure > 0);
}

#[test]
fn a_lost_device_is_an_error_for_every_caller_that_waits_for_it() {
    let (image, model) = filled();
    let mut gone = 0;
    for nth in 0..120 {
        let mut store = image.open();
        store.by_hand().grid_mut().drop_cache();
        store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Gone(nth));
        gone += u32::from(read_all(&mut store, &model));
        if store.grid().storage().wrong == Some(Wrong::Gone(0)) {
            assert!(matches!(write_on(&mut store), Some(StoreError::ReadOnly(_))));
        }
    }
    assert!(gone > 0);
    let mut store = image.open_with(Wrong::Gone(30));
    assert!(matches!(write_on(&mut store), Some(StoreError::ReadOnly(_))));
    let mut device = image.device();
    device.wrong = Some(Wrong::Gone(1));
    assert!(Store::<Entry, _>::open(device, &image.options).is_err());
}

#[test]
fn formatting_returns_an_error_if_a_write_fails() {
    let options = options();
    let mut device = Frail::new(stores::memory(&options));
    device.wrong = Some(Wrong::Fails(Access::Write, 0));
    let refused = Store::<Entry, _>::format(device, &options, 7).map(drop);
    let Err(error @ StoreError::Superblock(_)) = refused else { panic!("{refused:?}") };
    assert!(!error.to_string().is_empty());
}

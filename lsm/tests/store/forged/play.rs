//! Opens a file, reads it and writes to it: either the store works, or an error says why not.

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreError};
use downbeat_lsm::superblock::SuperblockError;

use super::image::Image;
use crate::random::Random;
use crate::records::Numbered;

pub(super) type Opened<R> = Store<R, MemoryStorage>;

/// How a run with a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The file was refused when it was opened.
    Refused(StoreError),
    /// A read returned an error.
    Unreadable(StoreError),
    /// The store became read-only.
    ReadOnly(StoreError),
    /// Everything worked.
    Worked,
}

/// # Panics
///
/// If the error is not one that a forged file may lead to.
fn assert_allowed(error: StoreError) {
    let is_allowed = matches!(
        error,
        StoreError::OtherOptions
            | StoreError::Full
            | StoreError::Grid(GridError::Corruption(_))
            | StoreError::Superblock(SuperblockError::Corruption(_))
            | StoreError::ReadOnly(
                BeatError::TreeIsFull { .. }
                    | BeatError::Grid(GridError::Corruption(_) | GridError::Full)
                    | BeatError::Checkpoint(CheckpointError::Grid(
                        GridError::Corruption(_) | GridError::Full
                    ))
            )
    );
    assert!(is_allowed, "{error:?}");
}

/// Reads the whole store, in three ways, which must agree. Returns its records.
fn read<R: Numbered>(store: &mut Opened<R>) -> Result<Vec<R>, StoreError> {
    let mut error = None;
    let mut take = |found: Result<_, StoreError>| found.map_err(|other| error = Some(other)).ok();
    let ascending: Option<Vec<R>> = take(store.range(..).collect());
    let descending: Option<Vec<R>> = take(store.range(..).rev().collect());
    for key in (0..170).chain([u64::MAX - 1, u64::MAX]).map(R::key_of) {
        let Some(found) = take(store.get(key).map(|found| Vec::from_iter(found))) else { continue };
        if let Some(records) = &ascending {
            let place = records.partition_point(|record| record.key() < key);
            let known = records.get(place).filter(|record| record.key() == key);
            assert_eq!(found.first(), known, "a scan and a lookup differ at the key {key:?}");
        }
    }
    if let (Some(ascending), Some(mut descending)) = (ascending, descending) {
        assert!(ascending.is_sorted_by(|one, next| one.key() < next.key()));
        for record in &ascending {
            let Some(found) = take(store.get(record.key()).map(|found| Vec::from_iter(found)))
            else {
                continue;
            };
            assert_eq!(found.first(), Some(record), "a lookup and a scan differ");
        }
        descending.reverse();
        assert_eq!(ascending, descending, "the directions of a scan differ");
        if error.is_none() {
            return Ok(ascending);
        }
    }
    Err(error.expect("without an error there are records"))
}

/// Writes to the store, and takes a checkpoint.
fn write<R: Numbered>(store: &mut Opened<R>, random: &mut Random) -> Result<(), StoreError> {
    for stamp in 0..20 + random.below(120) {
        let number = random.below(170);
        let chance = random.below(8);
        if chance == 2 {
            store.beat()?;
            continue;
        }
        let removes = match R::USAGE {
            Usage::General => chance < 2,
            // In an index, only an existing key is removed, and only an absent key is put. A caller
            // that cannot read a key relies on its own knowledge, which the tables may contradict.
            Usage::SecondaryIndex => match store.get(R::key_of(number)) {
                Ok(found) => found.is_some(),
                Err(_) => chance < 4,
            },
        };
        if removes {
            store.remove(R::key_of(number))?;
        } else {
            store.put(&R::put(number, 1000 + stamp))?;
        }
    }
    store.checkpoint().map(drop)
}

/// Opens a file.
pub(super) fn opened<R: Record>(image: &Image) -> Result<Opened<R>, StoreError> {
    let mut device = MemoryStorage::new(image.bytes.len(), image.options.layout.sector_size);
    device.bytes_mut().copy_from_slice(&image.bytes);
    Opened::open(device, &image.options)
}

/// Opens a file. Then reads it, writes to it and opens it again, three times.
pub(super) fn play<R: Numbered>(image: &Image, random: &mut Random) -> End {
    let mut store = match opened::<R>(image) {
        Ok(store) => store,
        Err(error) => {
            assert_allowed(error);
            return End::Refused(error);
        }
    };
    let mut unreadable = None;
    for _ in 0..3 {
        let before = read(&mut store);
        if let Err(error) = before {
            assert_allowed(error);
            unreadable = Some(error);
        }
        if let Err(error) = write(&mut store, random) {
            assert_allowed(error);
            let _ = read(&mut store);
            return End::ReadOnly(error);
        }
        let before = read(&mut store);
        if let Err(error) = store.open_again() {
            panic!("a store that has written a checkpoint does not open: {error}");
        }
        let after = read(&mut store);
        // In an index, a tombstone cancels the older put of its key. If a forged tombstone has no
        // older put, it cancels the next put of its key when the two are merged. So an index may
        // lose records.
        if R::USAGE == Usage::General
            && let (Ok(before), Ok(after)) = (before, after)
        {
            assert_eq!(before, after, "the store lost what it had in a checkpoint");
        }
    }
    unreadable.map_or(End::Worked, End::Unreadable)
}

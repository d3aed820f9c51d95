//! Tests of the rule of a secondary index: only an absent key is put, and only an existing key is
//! removed. A later beat panics if the caller broke the rule. If the tables that the store had when
//! it was opened can be the reason, the beat fails instead.
//!
//! The tests of forged stores have tables that contradict each other.

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use crate::records::IndexEntry;
use crate::stores::memory;

type Index = Store<IndexEntry, MemoryStorage>;

/// A new store whose checkpoint contains these keys.
fn formatted(keys: impl IntoIterator<Item = u64>) -> Index {
    let options = StoreOptions::tiny(512);
    let mut store = Index::format(memory(&options), &options, 7).expect("a sound device");
    put(&mut store, keys);
    store.checkpoint().expect("a sound device");
    store
}

/// The same store, opened again.
fn opened(keys: impl IntoIterator<Item = u64>) -> Index {
    let mut store = formatted(keys);
    store.open_again().expect("a sound device");
    store
}

fn put(store: &mut Index, keys: impl IntoIterator<Item = u64>) {
    for key in keys {
        store.put(&IndexEntry { key, flags: 0 }).expect("a sound device");
    }
}

fn remove(store: &mut Index, key: u64) -> Result<u64, StoreError> {
    store.remove(key)?;
    store.checkpoint()
}

/// Returns the place of a contradiction.
fn contradiction(error: StoreError) -> Place {
    let StoreError::ReadOnly(BeatError::Grid(GridError::Corruption(Corruption { place, reason }))) =
        error
    else {
        panic!("{error:?}");
    };
    let expected = "the keys of an index were not put and removed alternately";
    assert_eq!(reason, Reason::Meaning(expected));
    place
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn a_key_that_is_in_memory_must_not_be_put_again() {
    let mut store = opened(0..10);
    put(&mut store, [20, 20]);
    let _ = store.checkpoint();
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn a_key_that_is_removed_in_memory_must_not_be_removed_again() {
    let mut store = opened(0..10);
    store.remove(5).unwrap();
    let _ = remove(&mut store, 5);
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn a_key_that_a_table_has_must_not_be_put() {
    let mut store = formatted(0..6);
    put(&mut store, [5]);
    let _ = store.checkpoint();
}

#[test]
fn a_put_of_a_key_that_a_table_has_is_corruption_if_the_store_had_tables_when_it_was_opened() {
    let mut store = opened(0..6);
    put(&mut store, [5]);
    assert_eq!(
        contradiction(store.checkpoint().unwrap_err()),
        Place::Tree(store.tree().options().id)
    );
}

#[test]
#[should_panic(expected = "compaction: a tombstone of an index must meet its record")]
fn an_absent_key_must_not_be_removed() {
    let _ = remove(&mut formatted(0..10), 20);
}

#[test]
#[should_panic(expected = "compaction: a tombstone of an index must meet its record")]
fn an_absent_key_must_not_be_removed_from_an_opened_store_that_had_no_tables() {
    let mut store = opened([]);
    put(&mut store, 0..10);
    let _ = remove(&mut store, 20);
}

#[test]
fn a_removal_that_meets_no_record_is_corruption_if_the_store_had_tables_when_it_was_opened() {
    let mut store = opened(0..10);
    contradiction(remove(&mut store, 20).unwrap_err());
    // The store can still be read, and opened again.
    assert_eq!(store.get(5), Ok(Some(IndexEntry { key: 5, flags: 0 })));
    store.open_again().unwrap();
    remove(&mut store, 5).unwrap();
    assert_eq!(store.range(..).count(), 9);
}

//! Tests that a reader that uses only the information in `FORMAT.md` finds all records.

use std::collections::{BTreeMap, BTreeSet};

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{SNAPSHOT_LATEST, Visibility};
use downbeat_lsm::record::Record;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreOptions};
use zerocopy::FromBytes;

use super::examples::Pair;
use super::reader::{Contents, Sizes, read};

const BLOCK_COUNT: u64 = 4096;

/// A store whose checkpoint holds all its records, and these records.
fn filled() -> (Store<Pair, MemoryStorage>, BTreeMap<u64, u64>) {
    let mut options = StoreOptions::tiny(BLOCK_COUNT);
    // Tables of three value blocks.
    options.tree.beat_value_count_max = 8;
    options.tree.growth_factor = 3;
    let storage = MemoryStorage::new(1 << 21, 256);
    let mut store = Store::<Pair, _>::format(storage, &options, 1).expect("a sound device");
    let mut known = BTreeMap::new();
    for number in 0..4000_u64 {
        let key = number * 37 % 401;
        if number % 5 == 4 {
            store.remove(key).expect("the device works");
            known.remove(&key);
        } else {
            store.put(&Pair::new(key, number)).expect("the device works");
            known.insert(key, number);
        }
    }
    store.checkpoint().expect("the device works");
    (store, known)
}

/// The newest record of each key that is not a tombstone.
fn newest(contents: &Contents) -> BTreeMap<u64, u64> {
    let mut newest = BTreeMap::new();
    for records in contents.records.values().rev() {
        for record in records {
            let record = Pair::read_from_bytes(record).expect("the slice has the right size");
            newest.insert(record.key(), record);
        }
    }
    newest.retain(|_, record| !record.is_tombstone());
    newest.into_iter().map(|(key, record)| (key, record.value.get())).collect()
}

#[test]
fn a_file_is_read_by_the_page_alone() {
    let (store, known) = filled();
    let levels = store.tree().manifest().levels().iter().filter(|level| level.table_count() > 0);
    assert!(levels.clone().count() >= 3 && store.manifest_log().statistics().blocks_compacted > 0);
    let latest = Visibility::Visible(SNAPSHOT_LATEST);
    let mut tables = levels.flat_map(|level| level.tables(latest, Direction::Ascending, None));
    assert!(tables.any(|found| found.table.value_count == 3 * 12), "three full value blocks");
    let sizes =
        Sizes { sector: 256, block: 256, copies: 2, block_count: BLOCK_COUNT, key: 8, record: 16 };
    let contents = read(store.into_storage().bytes(), sizes);
    assert_eq!(newest(&contents), known);
    // Every block is accounted for.
    let Contents { acquired, released, trailers, reachable, .. } = &contents;
    assert!(!released.is_empty() && !trailers.is_empty());
    assert!(acquired.is_disjoint(trailers));
    assert!(reachable.is_disjoint(released));
    let used: BTreeSet<u64> = reachable.union(released).copied().collect();
    assert_eq!(&used, acquired);
}

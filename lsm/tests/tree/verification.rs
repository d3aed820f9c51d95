//! Verification finds damage in every block that a store uses, and nothing in a sound store.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::{Access, Layout, MemoryStorage};
use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use crate::frail::{Frail, Wrong};
use crate::records::Entry;
use crate::stores::{filled, memory};

/// A store with records in several levels and in memory.
fn busy() -> Store<Entry, MemoryStorage> {
    let mut options = StoreOptions::tiny(1024);
    options.tree.growth_factor = 6;
    let mut store = filled(memory(&options), &options);
    for key in 0..300 {
        store.put(&Entry { key: key * 37 % 200, stamp: 2 }).expect("a sound device");
    }
    store.checkpoint().expect("a sound device");
    for key in 0..50 {
        store.put(&Entry { key, stamp: 3 }).expect("a sound device");
    }
    store
}

#[test]
fn a_sound_store_is_clean_and_all_blocks_in_use_are_read() {
    let mut store = busy();
    // At a checkpoint no compaction has blocks of tables that are not complete.
    store.checkpoint().unwrap();
    let verification = store.verify().unwrap();
    assert!(verification.is_clean(), "{:?}", verification.errors);
    let stats = store.stats().unwrap();
    let tables: u64 = stats.levels.iter().map(|level| level.tables).sum();
    assert!(verification.tables >= tables && tables > 2, "{tables}");
    // The free set of the last checkpoint is staged, and an open block of the log is not written.
    let free_set = store.grid().free_set();
    let open = u64::from(store.manifest_log().open_entry_count() > 0);
    let trailers = store.grid().trailer_blocks().len() as u64;
    let released = free_set.released_count() + free_set.staged_count();
    let in_use = free_set.acquired_count() - released;
    assert_eq!(verification.blocks, in_use - open + trailers);
    assert_eq!(verification, store.verify().unwrap());
}

#[test]
fn damage_in_any_block_in_use_is_found_although_the_block_is_cached() {
    let mut store = busy();
    while store.by_hand().step() {}
    let sound = store.verify().unwrap();
    let layout = Layout::new(store.options().layout).unwrap();
    let mut found = 0;
    for address in 1..=layout.block_count() {
        let byte = layout.block(address).offset as usize + 40;
        store.by_hand().grid_mut().storage_mut().bytes_mut()[byte] ^= 1;
        let damaged = store.verify().unwrap();
        if damaged != sound {
            found += 1;
            let [GridError::Corruption(corruption)] = damaged.errors[..] else {
                panic!("block {address}: {:?}", damaged.errors);
            };
            assert!(corruption.to_string().contains(&format!("block {address}:")), "{corruption}");
            assert!(damaged.blocks < sound.blocks);
        }
        store.by_hand().grid_mut().storage_mut().bytes_mut()[byte] ^= 1;
    }
    assert_eq!(found, sound.blocks);
    assert_eq!(store.verify().unwrap(), sound);
}

#[test]
fn blocks_that_cannot_be_read_or_were_lost_are_errors_of_the_result() {
    let options = StoreOptions::tiny(512);
    let mut store = filled(Frail::new(memory(&options)), &options);
    store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Fails(Access::Read, 1));
    let verification = store.verify().unwrap();
    let [GridError::Fault(fault)] = verification.errors[..] else {
        panic!("{:?}", verification.errors);
    };
    assert_eq!(fault.access, Access::Read);
    assert!(store.verify().unwrap().is_clean());
    store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Gone(0));
    let verification = store.verify().unwrap();
    assert!(verification.errors.iter().all(|error| *error == GridError::Gone));
    assert!(!verification.is_clean());
    store.close();
    assert_eq!(store.verify(), Err(StoreError::Closed));
    assert_eq!(store.stats(), Err(StoreError::Closed));
}

#[test]
fn stats_describe_the_store() {
    let mut store = busy();
    while store.by_hand().step() {}
    let stats = store.stats().unwrap();
    let free_set = store.grid().free_set();
    assert_eq!((stats.blocks, stats.block_size), (1024, 256));
    assert_eq!(stats.blocks_free, free_set.free_count());
    assert_eq!(stats.blocks_released, free_set.released_count() + free_set.staged_count());
    assert_eq!(stats.levels.len(), store.options().tree.level_count as usize);
    assert_eq!((stats.beat, stats.writes_pending), (store.beat_number(), 0));
    assert!(stats.beat_durable > 0 && stats.beat_durable < stats.beat);
    let keys = store.range(..).count() as u64;
    assert!(stats.records_max() >= keys && stats.records_in_memory > 0, "{stats:?}");
    assert!(stats.blocks_written > 0 && stats.blocks_cached > 0);
}

#[test]
fn after_any_failed_write_only_the_blocks_that_were_lost_are_unreadable() {
    // A block of the log has one entry, and one write is in flight, so blocks of the log wait.
    let mut options = StoreOptions::tiny(1024);
    options.tree.growth_factor = 6;
    options.writes_in_flight_max = 1;
    let (mut failed_beats, mut lost) = (0, 0);
    for number in 0..400 {
        let mut store = Store::format(Frail::new(memory(&options)), &options, 7).unwrap();
        store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Fails(Access::Write, number));
        let mut puts = (0..300).map(|key| Entry { key: key * 37 % 200, stamp: 2 });
        let refused = puts.find_map(|entry| store.put(&entry).err());
        let Some(StoreError::ReadOnly(_)) = refused else { continue };
        failed_beats += 1;
        while store.by_hand().step() {}
        for error in store.verify().unwrap().errors {
            assert!(matches!(error, GridError::Failed(_)), "write {number}: {error}");
            lost += 1;
        }
    }
    assert!(
        failed_beats > 100 && lost > 100,
        "{failed_beats} beats failed, {lost} blocks are lost"
    );
}

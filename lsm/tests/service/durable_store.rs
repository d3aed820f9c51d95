//! Durable stores: what is found after a crash, and what is refused.

use std::collections::BTreeMap;

use downbeat_lsm::durable_store::{Batch, DurableOptions, DurableStore, ServiceError};
use downbeat_lsm::forest::InvalidStore;
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::StoreError;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Entry {
    pub(crate) key: u64,
    pub(crate) stamp: u64,
}

impl Record for Entry {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.key
    }

    fn is_tombstone(&self) -> bool {
        self.stamp == u64::MAX
    }

    fn tombstone(key: u64) -> Self {
        Self { key, stamp: u64::MAX }
    }
}

pub(crate) type Durable = DurableStore<Entry, MemoryStorage, MemoryStorage>;

pub(crate) fn options() -> DurableOptions {
    let mut options = DurableOptions::tiny(4096);
    options.store.tree.growth_factor = 4;
    options
}

pub(crate) fn devices() -> (MemoryStorage, MemoryStorage) {
    let size = options().store.device_size().expect("a valid layout") as usize;
    let log_size = options().log_device_size::<Entry>(256) as usize;
    (MemoryStorage::new(size, 256), MemoryStorage::new(log_size, 256))
}

pub(crate) fn formatted() -> Durable {
    let (device, log) = devices();
    Durable::format(device, log, &options(), 3).expect("sound devices")
}

fn reopened(store: Durable) -> Result<Durable, ServiceError> {
    let (device, log) = store.into_storages();
    Durable::open(device, log, &options())
}

fn records(store: &mut Durable) -> Vec<(u64, u64)> {
    store.range(..).map(|it| it.expect("a sound device")).map(|it| (it.key, it.stamp)).collect()
}

#[test]
fn every_write_is_found_after_a_crash_without_a_checkpoint() {
    let mut random = Random(7);
    let mut store = formatted();
    let mut model = BTreeMap::new();
    let mut stamp = 0;
    for _ in 0..400 {
        let mut batches = Vec::new();
        for _ in 0..random.below(4) {
            let mut batch = Batch::new();
            for _ in 0..random.below(3) {
                let key = random.below(60);
                stamp += 1;
                if random.below(3) == 0 {
                    batch.remove(key);
                    model.remove(&key);
                } else {
                    batch.put(&Entry { key, stamp });
                    model.insert(key, stamp);
                }
            }
            batches.push(batch);
        }
        store.write_all(&batches).expect("sound devices");
        if random.below(6) == 0 {
            store = reopened(store).expect("sound devices");
            assert_eq!(records(&mut store), model.clone().into_iter().collect::<Vec<_>>());
        }
        let key = random.below(60);
        let found = store.get(key).expect("a sound device").map(|entry| entry.stamp);
        assert_eq!(found, model.get(&key).copied());
    }
    assert!(store.store().superblock().working().state().beat > 100, "there are checkpoints");
}

#[test]
fn a_checkpoint_makes_the_log_superfluous() {
    let mut store = formatted();
    for key in 0..20 {
        store.put(&Entry { key, stamp: 1 }).expect("sound devices");
    }
    store.remove(3).expect("sound devices");
    store.checkpoint().expect("sound devices");
    let beat = store.store().beat_number();
    let before = records(&mut store);
    assert_eq!(before.len(), 19);
    let mut store = reopened(store).expect("sound devices");
    assert_eq!(records(&mut store), before);
    assert_eq!(store.store().beat_number(), beat);
}

#[test]
fn a_log_that_lost_an_acknowledged_batch_is_refused() {
    let mut store = formatted();
    for key in 0..20 {
        store.put(&Entry { key, stamp: 1 }).expect("sound devices");
    }
    let (device, _) = store.into_storages();
    let (_, log) = formatted().into_storages();
    let refused = Durable::open(device, log, &options()).err();
    assert!(matches!(refused, Some(ServiceError::Log(RequestLogError::Damaged(_)))), "{refused:?}");
}

#[test]
fn a_batch_that_is_too_large_is_refused_and_none_of_the_call_is_written() {
    let mut store = formatted();
    let most = u64::from(options().batch_records_max);
    let batch = |records: u64| {
        let mut batch = Batch::new();
        (0..records).for_each(|key| batch.put(&Entry { key, stamp: 1 }));
        batch
    };
    let refused = store.write_all(&[batch(most), batch(most + 1)]);
    assert_eq!(refused, Err(ServiceError::InvalidRequest { place: 1 }));
    assert_eq!(records(&mut store), []);
    store.write(&batch(most)).expect("sound devices");
    assert_eq!(records(&mut store).len() as u64, most);
}

#[test]
fn a_batch_that_no_beat_has_room_for_is_an_invalid_option() {
    let (device, log) = devices();
    let most = options().store.tree.beat_value_count_max;
    let invalid = DurableOptions { batch_records_max: most + 1, ..options() };
    let refused = Durable::format(device, log, &invalid, 3).err();
    let due = InvalidStore::BatchRecords { batch_records_max: most + 1, most };
    assert_eq!(refused, Some(ServiceError::Store(StoreError::Invalid(due))));
}

#[test]
#[should_panic(expected = "batch: a tombstone must not be put")]
fn a_tombstone_is_not_put() {
    Batch::new().put(&Entry::tombstone(4));
}

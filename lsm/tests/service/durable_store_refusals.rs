//! Durable stores: batches as values, and what is refused.

use downbeat_lsm::durable_store::{Batch, DurableOptions, DurableStore, ServiceError};
use downbeat_lsm::forest::{InvalidStore, StoreError};
use downbeat_lsm::request_log::{
    InvalidRequestLog, LostRequests, RequestLog, RequestLogError, RequestLogOptions,
};
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::superblock::SuperblockError;

use crate::durable_store::{Durable, Entry, devices, formatted, options};
use crate::frail::{Frail, Wrong};

#[test]
fn a_cleared_batch_writes_nothing() {
    let mut batch = Batch::<Entry>::new();
    assert_eq!((batch.len(), batch.is_empty()), (0, true));
    batch.put(&Entry { key: 1, stamp: 1 });
    batch.remove(2);
    batch.put(&Entry { key: 1, stamp: 2 });
    assert_eq!((batch.len(), batch.is_empty()), (3, false));
    batch.clear();
    assert_eq!((batch.len(), batch.is_empty()), (0, true));
    let mut store = formatted();
    store.write(&batch).expect("sound devices");
    assert_eq!(store.get(1), Ok(None));
    assert_eq!(store.log().last(), 0);
}

#[test]
fn the_production_sizes_are_valid() {
    let DurableOptions { store, batch_records_max } = DurableOptions::production(1 << 20);
    assert_eq!(store.validate::<Entry>(), Ok(()));
    assert!((1..=store.tree.beat_value_count_max).contains(&batch_records_max));
}

#[test]
fn a_batch_without_room_for_a_record_is_an_invalid_option() {
    let invalid = DurableOptions { batch_records_max: 0, ..options() };
    let (device, log) = devices();
    let refused = Durable::open(device, log, &invalid).err();
    let most = options().store.tree.beat_value_count_max;
    let due = InvalidStore::BatchRecords { batch_records_max: 0, most };
    assert_eq!(refused, Some(ServiceError::Store(StoreError::Invalid(due))));
}

#[test]
fn devices_that_are_too_small_are_refused() {
    let small = || MemoryStorage::new(1024, 256);
    let (device, log) = devices();
    let needed = options().store.device_size().expect("a valid layout");
    let due = InvalidStore::Device { size: 1024, needed };
    let refused = Durable::format(small(), log, &options(), 1).err();
    assert_eq!(refused, Some(ServiceError::Store(StoreError::Invalid(due))));
    let needed = options().log_device_size::<Entry>(256);
    let due = InvalidRequestLog::DeviceTooSmall { size: 1024, needed };
    let refused = Durable::new(device, small(), &options()).err();
    assert_eq!(refused, Some(ServiceError::InvalidLog(due)));
}

#[test]
fn a_store_is_not_formatted_on_a_device_that_is_gone() {
    type Fails = DurableStore<Entry, Frail, Frail>;
    let [sound, gone] = [None, Some(Wrong::Gone(0))];
    let format = |wrong_device, wrong_log| {
        let (device, log) = devices();
        let (mut device, mut log) = (Frail::new(device), Frail::new(log));
        (device.wrong, log.wrong) = (wrong_device, wrong_log);
        Fails::format(device, log, &options(), 3).err()
    };
    let due = StoreError::Superblock(SuperblockError::Gone);
    assert_eq!(format(gone, sound), Some(ServiceError::Store(due)));
    let due = ServiceError::Log(RequestLogError::Gone);
    assert_eq!(format(sound, gone), Some(due));
}

/// Appends a write with this body to the log of a new store, and opens the store.
fn opened_with(body: &[u8]) -> Result<Durable, ServiceError> {
    let (device, log) = formatted().into_storages();
    let DurableOptions { store, batch_records_max } = options();
    let sizes = RequestLogOptions {
        request_size_max: 24 + batch_records_max * size_of::<Entry>() as u32,
        requests_max: (store.checkpoint_interval + 4) * store.tree.beats_per_bar,
    };
    let mut log = RequestLog::new(log, &sizes, 3).expect("the sizes of the store");
    log.open(0, 0, |_, _| Ok::<_, RequestLogError>(())).expect("the log of the store");
    // The client, the operation, and seven zeros.
    let request = [&[0; 16][..], &[128], &[0; 7], body].concat();
    log.append(&request).expect("a sound device");
    log.flush().expect("a sound device");
    Durable::open(device, log.into_storage(), &options())
}

#[test]
fn a_write_in_the_log_that_is_not_a_batch_is_damage() {
    let batch = [7_u64.to_le_bytes(), 1_u64.to_le_bytes()].concat();
    let mut store = opened_with(&batch).expect("a batch of one record");
    assert_eq!(store.get(7), Ok(Some(Entry { key: 7, stamp: 1 })));
    for body in [&[][..], &batch[..15], &[&batch[..], &[0]].concat()] {
        let lost = LostRequests { first: 1, last: 1, intact: 0 };
        let due = ServiceError::Log(RequestLogError::Damaged(lost));
        assert_eq!(opened_with(body).err(), Some(due), "{} bytes", body.len());
    }
}

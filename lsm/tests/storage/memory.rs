//! Tests of the device in memory.

use downbeat_lsm::storage::MemoryStorage;

use crate::device::behaves_as_a_storage;

#[test]
fn a_device_in_memory_behaves_as_a_storage() {
    let mut storage = MemoryStorage::new(2048, 512);
    behaves_as_a_storage(&mut storage);
    assert!(storage.bytes()[1536..].iter().all(|byte| *byte == 2));
    storage.bytes_mut()[0] = 5;
    assert_eq!(storage.bytes()[0], 5);
}

#[test]
#[should_panic(expected = "memory_storage: sectors must be whole (1000)")]
fn a_device_in_memory_with_a_partial_sector_panics() {
    let _ = MemoryStorage::new(1000, 512);
}

#[test]
#[should_panic(expected = "memory_storage: a sector must have a byte")]
fn a_device_in_memory_without_sectors_panics() {
    let _ = MemoryStorage::new(1000, 0);
}

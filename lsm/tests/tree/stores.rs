//! Devices and stores that several of these tests start from.

use downbeat_lsm::storage::{Layout, MemoryStorage, Storage};
use downbeat_lsm::store::{Store, StoreOptions};

use crate::records::Entry;

/// A device in memory for a store of these sizes.
pub(crate) fn memory(options: &StoreOptions) -> MemoryStorage {
    let layout = Layout::new(options.layout).expect("the sizes are valid");
    let size = usize::try_from(layout.size()).expect("the device fits in memory");
    MemoryStorage::new(size, layout.sector_size())
}

/// A device in memory with these bytes.
pub(crate) fn holding(bytes: &[u8], sector_size: usize) -> MemoryStorage {
    let mut device = MemoryStorage::new(bytes.len(), sector_size);
    device.bytes_mut().copy_from_slice(bytes);
    device
}

/// A new store on this device whose checkpoint holds the keys from 0 to 39, with the stamp 1.
pub(crate) fn filled<S: Storage>(device: S, options: &StoreOptions) -> Store<Entry, S> {
    let mut store = Store::format(device, options, 7).expect("a sound device");
    for key in 0..40 {
        store.put(&Entry { key, stamp: 1 }).expect("a sound device");
    }
    store.checkpoint().expect("a sound device");
    store
}

//! The options of a durable store.

use crate::record::Record;
use crate::state_machine::{log_options, operations_max};
use crate::store::StoreOptions;

/// The options of a durable store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurableOptions {
    /// The options of the store.
    ///
    /// The size of the log follows from `checkpoint_interval` and the tree, so that the interval
    /// must be the same each time the store is opened.
    pub store: StoreOptions,
    /// The maximum number of puts and removals of a batch, from 1 to
    /// [`beat_value_count_max`](crate::tree::TreeOptions::beat_value_count_max), inclusive. The
    /// device of the log has room for as many in each beat, so this option must be the same each
    /// time the store is opened.
    pub batch_records_max: u32,
}

impl DurableOptions {
    /// Options for production: the store has `block_count` blocks of 64 KiB, and a batch up to 512
    /// puts and removals.
    #[must_use]
    pub fn production(block_count: u64) -> Self {
        Self { store: StoreOptions::production(block_count), batch_records_max: 512 }
    }

    /// Options for tests and fuzzing: compactions and checkpoints happen within tens of batches.
    #[must_use]
    pub fn tiny(block_count: u64) -> Self {
        let store = StoreOptions::tiny(block_count);
        Self { store, batch_records_max: store.tree.beat_value_count_max }
    }

    /// The size that the device of the log needs, in bytes.
    #[must_use]
    pub fn log_device_size<R: Record>(&self, sector_size: usize) -> u64 {
        log_options(self.body_size_max::<R>(), self.operations_max()).device_size(sector_size)
    }

    /// The size of the largest batch, in bytes.
    pub(super) fn body_size_max<R: Record>(&self) -> usize {
        self.batch_records_max as usize * size_of::<R>()
    }

    /// The maximum number of beats that are not in a durable checkpoint.
    pub(super) fn operations_max(&self) -> u64 {
        operations_max(self.store.checkpoint_interval, self.store.tree.beats_per_bar)
    }
}

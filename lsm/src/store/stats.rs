//! What a store consists of, and how much of its device it uses.

use super::{Fullness, Store, StoreError, Verification};
use crate::record::Record;
use crate::storage::Storage;

/// What a store consists of; see [`Store::stats`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreStats {
    /// The number of the last beat.
    pub beat: u64,
    /// The last beat that is durable; 0 if no checkpoint was taken.
    pub beat_durable: u64,
    /// The puts and removals in memory. They are durable only once a checkpoint contains them.
    pub records_in_memory: u64,
    /// The tables of each level, the newest level first.
    pub levels: Vec<LevelStats>,
    /// Which writes the store accepts.
    pub fullness: Fullness,
    /// The blocks of the device.
    pub blocks: u64,
    /// The size of a block, in bytes.
    pub block_size: u64,
    /// The blocks that are free.
    pub blocks_free: u64,
    /// The blocks that become free when a later checkpoint is durable.
    pub blocks_released: u64,
    /// The bytes of the device that the store takes: the superblock, the blocks that are not free,
    /// and the free blocks whose space was not given back. After opening, all blocks up to the last
    /// in use count.
    pub bytes_in_use: u64,
    /// The blocks that were written since the store was opened.
    pub blocks_written: u64,
    /// The blocks that were read from the device since the store was opened.
    pub blocks_read: u64,
    /// The blocks in the cache.
    pub blocks_cached: u64,
    /// The writes that wait for the device, or are in its queue.
    pub writes_pending: u64,
}

/// The tables of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelStats {
    /// The number of tables.
    pub tables: u64,
    /// The records of these tables. Removals count, and so do records that a newer level replaces.
    pub records: u64,
}

impl StoreStats {
    /// The records of all levels and in memory, an upper bound of the number of keys.
    #[must_use]
    pub fn records_max(&self) -> u64 {
        self.records_in_memory + self.levels.iter().map(|level| level.records).sum::<u64>()
    }
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Describes the store. Reads nothing from the device, and takes time for each level only.
    ///
    /// # Errors
    ///
    /// If the store is closed.
    pub fn stats(&self) -> Result<StoreStats, StoreError> {
        self.forest.refuse_if_closed()?;
        let (tree, grid) = (self.tree(), self.grid());
        let (free_set, statistics) = (grid.free_set(), grid.statistics());
        let levels = tree.manifest().levels().iter().map(|level| LevelStats {
            tables: u64::from(level.table_count_visible()),
            records: level.value_count_visible(),
        });
        Ok(StoreStats {
            beat: self.beat_number(),
            beat_durable: self.superblock().working().state().beat,
            records_in_memory: u64::from(tree.mutable().len()) + u64::from(tree.immutable().len()),
            levels: levels.collect(),
            fullness: self.fullness(),
            blocks: free_set.block_count(),
            block_size: grid.layout().block_size() as u64,
            blocks_free: free_set.free_count(),
            blocks_released: free_set.released_count() + free_set.staged_count(),
            bytes_in_use: grid.layout().block(1).offset
                + grid.blocks_held() * grid.layout().block_size() as u64,
            blocks_written: statistics.written,
            blocks_read: statistics.read_from_device,
            blocks_cached: grid.cached_blocks() as u64,
            writes_pending: grid.pending_writes() as u64,
        })
    }

    /// Reads every block that the store uses from the device, and checks it; see
    /// [`Forest::verify`](crate::forest::Forest::verify).
    ///
    /// # Errors
    ///
    /// If the store is closed. What is wrong with a block is part of the result.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn verify(&mut self) -> Result<Verification, StoreError> {
        self.forest.verify()
    }
}

//! What has happened in a grid.
//!
//! What this does not do: it decides nothing.

/// What has happened since the grid was made, or made as new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GridStatistics {
    /// Reads that found their block in the cache.
    pub read_from_cache: u64,
    /// Reads that found their block among the pending writes.
    pub read_from_writes: u64,
    /// Reads that joined one of the same block.
    pub reads_joined: u64,
    /// Reads of the device that gave their block.
    pub read_from_device: u64,
    /// Reads of the device whose bytes were wrong.
    pub reads_corrupt: u64,
    /// Reads that the device failed at.
    pub reads_failed: u64,
    /// Reads that had to wait for another to complete, or for memory.
    pub reads_queued: u64,
    /// Blocks that are on the device.
    pub written: u64,
    /// Writes that had to wait for another to complete.
    pub writes_queued: u64,
    /// Flushes that completed.
    pub flushes: u64,
    /// Writes and flushes that the device failed at.
    pub failed: u64,
    /// Cached blocks that gave way to others.
    pub evicted: u64,
    /// Cached blocks that gave way to another one at the same address.
    pub replaced: u64,
    /// Reservations refused, since the next checkpoint needs blocks, too.
    pub refused_for_want_of_blocks: u64,
    /// Checkpoints written.
    pub checkpoints: u64,
}

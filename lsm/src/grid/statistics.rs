//! Counters of the events in a grid.
//!
//! - No decision depends on a counter.

/// Counters since construction or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GridStatistics {
    /// Reads that found their block in the cache.
    pub read_from_cache: u64,
    /// Reads that found their block among the pending writes.
    pub read_from_writes: u64,
    /// Reads that joined a pending read of the same block.
    pub reads_joined: u64,
    /// Reads of the device that returned their block.
    pub read_from_device: u64,
    /// Reads of the device whose bytes were not those of the block.
    pub reads_corrupt: u64,
    /// Reads of the device that failed.
    pub reads_failed: u64,
    /// Reads that waited for another read or for memory.
    pub reads_queued: u64,
    /// Completed writes.
    pub written: u64,
    /// Writes that waited for another write.
    pub writes_queued: u64,
    /// Completed flushes.
    pub flushes: u64,
    /// Writes and flushes of the device that failed.
    pub failed: u64,
    /// Cached blocks that were evicted by a block at another address.
    pub evicted: u64,
    /// Cached blocks that were replaced by a block at the same address.
    pub replaced: u64,
    /// Reservations that were refused because too few blocks were free, not counting the blocks set
    /// aside for the next checkpoint.
    pub refused_for_want_of_blocks: u64,
    /// Blocks whose space was given back.
    pub discarded: u64,
    /// Calls of the device that gave space back.
    pub discards: u64,
    /// Calls of the device that failed to give space back.
    pub discards_failed: u64,
    /// Completed checkpoints.
    pub checkpoints: u64,
}

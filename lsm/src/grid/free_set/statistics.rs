//! Counters of what happened in a free set.
//!
//! - `blocks_acquired - blocks_freed`, and what was there when it was opened, is what is acquired.
//!
//! What this does not do: no call reads a counter to decide anything.

/// Counters since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeSetStatistics {
    /// Reservations made.
    pub reservations: u64,
    /// Reservations that were refused: too few blocks were free.
    pub reservations_refused: u64,
    /// Blocks acquired.
    pub blocks_acquired: u64,
    /// Blocks that were reserved and forfeited.
    pub blocks_forfeited: u64,
    /// Blocks released while the checkpoint was durable.
    pub blocks_released: u64,
    /// Blocks released while it was not.
    pub blocks_staged: u64,
    /// Blocks that became free when a checkpoint was durable.
    pub blocks_freed: u64,
    /// Times that the last free block of a shard was acquired.
    pub shards_filled: u64,
    /// Times that a full shard had a free block again.
    pub shards_opened: u64,
}

//! Counters of the events in a free set.
//!
//! - The number of acquired blocks is the number at opening, plus `blocks_acquired - blocks_freed`.
//! - No decision depends on a counter.

/// Counters since construction or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeSetStatistics {
    /// Reservations made.
    pub reservations: u64,
    /// Reservations that were refused because too few blocks were free.
    pub reservations_refused: u64,
    /// Blocks acquired.
    pub blocks_acquired: u64,
    /// Blocks that were reserved and forfeited.
    pub blocks_forfeited: u64,
    /// Blocks released while the checkpoint was durable.
    pub blocks_released: u64,
    /// Blocks released while the checkpoint was not durable.
    pub blocks_staged: u64,
    /// Blocks that became free when a checkpoint became durable.
    pub blocks_freed: u64,
    /// The number of times that the last free block of a shard was acquired.
    pub shards_filled: u64,
    /// The number of times that a block of a full shard became free.
    pub shards_opened: u64,
}

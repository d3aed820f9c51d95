//! The counters of a superblock.

/// Counters since construction or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SuperblockStatistics {
    /// Completed checkpoints.
    pub checkpoints: u64,
    /// Completed openings.
    pub opens: u64,
    /// Copies that did not contain the opened superblock, or the superblock before a checkpoint,
    /// and were rewritten.
    pub repaired: u64,
    /// Copies that were read back wrong and written again.
    pub rewritten: u64,
    /// Copies whose read failed.
    pub unreadable: u64,
}

//! What compactions did.
//!
//! - Counters only go up, until the tree is reset.
//!
//! What this does not do: nothing depends on them.

use crate::manifest::LEVELS;

/// What compactions of a tree did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactionStatistics {
    /// By the level that was written.
    pub levels: [LevelCompactions; *LEVELS.end() as usize],
    /// Flushes that were put off, as the next table in memory fits in beside this one.
    pub flushes_deferred: u64,
    /// Flushes that could have been put off, but for a checkpoint.
    pub flushes_forced: u64,
    /// Tables of level 0 that a flush took along because they were small.
    pub tables_coalesced: u64,
}

/// What compactions into one level did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelCompactions {
    /// Compactions that merged.
    pub merges: u64,
    /// Tables that moved down whole.
    pub moves: u64,
    /// Merges that read no table of this level.
    pub without_overlap: u64,
    /// Merges after which nothing was left to write.
    pub without_output: u64,
    /// Two records with one key that met.
    pub pairs: u64,
    /// Tombstones that were dropped because nothing lies below.
    pub tombstones_dropped: u64,
    /// Records written.
    pub values_written: u64,
    /// Tables written with as many records as they can have.
    pub tables_full: u64,
    /// Tables written.
    pub tables_written: u64,
}

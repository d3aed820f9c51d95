//! Counters of compactions. They increase until the tree is reset.

use crate::manifest::LEVELS;

/// Counters of a tree's compactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactionStatistics {
    /// The counters of each level to which compactions write.
    pub levels: [LevelCompactions; *LEVELS.end() as usize],
    /// Flushes that were deferred by a bar because the records of both memtables fit into one
    /// memtable.
    pub flushes_deferred: u64,
    /// Flushes that could have been deferred, but a checkpoint followed at the end of the half-bar.
    pub flushes_forced: u64,
    /// Tables of level 0 that a flush merged only because they were small.
    pub tables_coalesced: u64,
}

/// Counters of the compactions into one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelCompactions {
    /// Compactions that merged records.
    pub merges: u64,
    /// Tables that moved down as a whole.
    pub moves: u64,
    /// Merges that read no table of this level.
    pub without_overlap: u64,
    /// Merges that wrote no table.
    pub without_output: u64,
    /// Pairs of records with the same key, one from each input.
    pub pairs: u64,
    /// Tombstones that were dropped because no level below has their key.
    pub tombstones_dropped: u64,
    /// Records written.
    pub values_written: u64,
    /// Full tables written.
    pub tables_full: u64,
    /// Tables written.
    pub tables_written: u64,
}

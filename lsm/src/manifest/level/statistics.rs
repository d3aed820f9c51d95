//! Counters of what happened in a manifest level. Those of its nodes are with its two arrays.
//!
//! - `tables_inserted - tables_removed` is the number of tables.
//!
//! What this does not do: no call reads a counter to decide anything.

/// Counters since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelStatistics {
    /// Tables that came in.
    pub tables_inserted: u64,
    /// Tables whose last snapshot was set: they were replaced.
    pub tables_closed: u64,
    /// Tables that went out, `tables_removed_visible` included.
    pub tables_removed: u64,
    /// Tables that went out while the latest snapshot saw them.
    pub tables_removed_visible: u64,
    /// Times that the largest visible key went with its table.
    pub key_range_lowered: u64,
    /// Times that the smallest visible key went with its table.
    pub key_range_raised: u64,
}

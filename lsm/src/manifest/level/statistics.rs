//! Counters of a manifest level. The level's two arrays count their nodes.
//!
//! - `tables_inserted - tables_removed` is the number of tables.
//! - No decision depends on a counter.

/// Counters since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelStatistics {
    /// Tables inserted.
    pub tables_inserted: u64,
    /// Tables whose last snapshot was set, because they were replaced.
    pub tables_closed: u64,
    /// Tables removed, `tables_removed_visible` included.
    pub tables_removed: u64,
    /// Tables removed while the latest snapshot saw them.
    pub tables_removed_visible: u64,
    /// How often the largest visible key became smaller, because its table was replaced or removed.
    pub key_range_lowered: u64,
    /// How often the smallest visible key became larger, because its table was replaced or removed.
    pub key_range_raised: u64,
}

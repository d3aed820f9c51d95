//! Counters of what happened in a manifest log.
//!
//! - `entries_kept + versions_dropped + removes_dropped` is the number of entries in `blocks_compacted`.
//! - After it was opened: `tables_opened + versions_passed + incarnations_cancelled + removes_passed` is the
//!   number of entries in `blocks_opened`.
//!
//! What this does not do: no call reads a counter to decide anything.

/// Counters since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManifestLogStatistics {
    /// Tables that trees put in.
    pub inserts: u64,
    /// Tables that trees changed.
    pub updates: u64,
    /// Tables that trees took out.
    pub removes: u64,
    /// Blocks that were closed when they were full.
    pub blocks_closed_full: u64,
    /// Blocks that a checkpoint closed.
    pub blocks_closed_partly: u64,
    /// Blocks that were compacted.
    pub blocks_compacted: u64,
    /// Entries of these that were live, and appended again.
    pub entries_kept: u64,
    /// Entries of these that were older versions, or of tables that are gone.
    pub versions_dropped: u64,
    /// Entries of these that said that a table is gone.
    pub removes_dropped: u64,
    /// Half-bars.
    pub half_bars: u64,
    /// Half-bars that were refused for want of free blocks.
    pub half_bars_refused: u64,
    /// Times that memory for blocks had to be waited for.
    pub memory_awaited: u64,
    /// Blocks that were read when the log was opened.
    pub blocks_opened: u64,
    /// Tables that were live when it was opened.
    pub tables_opened: u64,
    /// Entries that were passed over as the log was opened, since a newer one was of the same table.
    pub versions_passed: u64,
    /// Entries that began a table that was removed later on.
    pub incarnations_cancelled: u64,
    /// Entries that were passed over as the log was opened, since they say that a table is gone.
    pub removes_passed: u64,
}

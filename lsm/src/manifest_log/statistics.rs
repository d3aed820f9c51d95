//! Counters of a manifest log.
//!
//! - `entries_kept + versions_dropped + removes_dropped` is the number of entries in
//!   `blocks_compacted`.
//! - After the log is opened,
//!   `tables_opened + versions_passed + incarnations_cancelled + removes_passed` is the number of
//!   entries in `blocks_opened`.
//! - No decision depends on a counter.

/// Counters since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManifestLogStatistics {
    /// Inserts that trees appended.
    pub inserts: u64,
    /// Updates that trees appended.
    pub updates: u64,
    /// Removes that trees appended.
    pub removes: u64,
    /// Blocks closed because they were full.
    pub blocks_closed_full: u64,
    /// Blocks closed by a checkpoint.
    pub blocks_closed_partly: u64,
    /// Blocks compacted.
    pub blocks_compacted: u64,
    /// Live entries of compacted blocks, which were appended again.
    pub entries_kept: u64,
    /// Entries of compacted blocks that were older versions or belonged to removed tables.
    pub versions_dropped: u64,
    /// Removes in compacted blocks.
    pub removes_dropped: u64,
    /// Half-bars begun.
    pub half_bars: u64,
    /// Half-bars refused because there were too few free blocks.
    pub half_bars_refused: u64,
    /// How often a half-bar waited for buffers.
    pub memory_awaited: u64,
    /// Blocks read when the log was opened.
    pub blocks_opened: u64,
    /// Live tables found when the log was opened.
    pub tables_opened: u64,
    /// Older versions passed over when the log was opened.
    pub versions_passed: u64,
    /// Inserts passed over when the log was opened, because the table was removed later.
    pub incarnations_cancelled: u64,
    /// Removes passed over when the log was opened.
    pub removes_passed: u64,
}

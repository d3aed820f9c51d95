//! The counts of a log.

/// The counts of a log since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blocks that were compacted.
    pub compacted: u64,
    /// Entries that were appended again.
    pub kept: u64,
    /// Older versions of tables that were dropped.
    pub versions_dropped: u64,
    /// Removals of tables that were dropped.
    pub removes_dropped: u64,
    /// Blocks that were closed when they were full.
    pub closed_full: u64,
    /// Blocks that were closed before they were full.
    pub closed_partly: u64,
}

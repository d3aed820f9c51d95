//! The sizes of a log.

/// The sizes that decide the pace of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Entries of a full block.
    pub entries_per_block: u64,
    /// Trees.
    pub trees: u16,
    /// Levels of a tree.
    pub levels: u8,
    /// The growth factor: how many times as many tables a level has as the level above it.
    pub growth: u64,
    /// The maximum number of tables.
    pub tables: u64,
    /// How many more blocks a half-bar compacts than it fills.
    pub extra: u64,
}

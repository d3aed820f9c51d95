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
    /// The growth of levels: how many more tables a level has than the one above.
    pub growth: u64,
    /// The maximum number of tables.
    pub tables: u64,
    /// How many more blocks are compacted than filled.
    pub extra: u64,
}

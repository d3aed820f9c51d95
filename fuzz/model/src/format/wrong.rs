//! What can be wrong with an image.

/// Declares the kinds of faults, and the list of their names.
macro_rules! faults {
    ($($(#[$about:meta])* $Fault:ident $name:literal,)+) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault { $($(#[$about])* $Fault),+ }

        impl Fault {
            /// The names of all kinds, in the order of the variants.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
        }
    };
}

faults! {
    /// No copy of the superblock is valid.
    NotFormatted "no copy of the superblock is valid",
    /// Some copies are valid, but too few of them agree.
    QuorumLost "too few copies of the superblock agree",
    /// Two superblocks have the same sequence.
    Fork "two superblocks have the same sequence",
    /// A superblock does not follow the one before it.
    NotConnected "a superblock does not follow the one before it",
    /// A superblock has an unknown version.
    SuperblockVersion "the superblock has another version",
    /// The superblock has another number of copies, sector size or block size than the store.
    Layout "the superblock has another layout",
    /// A byte of the superblock that must be zero is not.
    SuperblockZeros "a byte of the superblock is not zero",
    /// The sequence is too large.
    Sequence "the sequence is too large",
    /// The reference to an encoded set contradicts the size of the set.
    SetEnds "the reference of an encoded set contradicts its size",
    /// The ends of the manifest log contradict its length.
    LogEnds "the ends of the log contradict its length",
    /// The store was formatted with other options.
    OtherOptions "the store has other options",
    /// The store has no blocks, or takes no checkpoints.
    NoBlocks "the store has no blocks, or takes no checkpoints",
    /// The store has more blocks than the options, or the free set of a store with as many blocks
    /// as the options needs more blocks than are added.
    OtherBlocks "the store has more blocks than the options, or too few are added",
    /// The beat is too large.
    BeatTooLarge "the beat is too large",
    /// The superblock of beat 0 refers to blocks.
    BeatZero "beat 0 refers to blocks",
    /// The beat is not the last one of a bar.
    BeatWithinBar "the beat is within a bar",
    /// An encoded set is too large.
    SetSize "an encoded set is too large",
    /// The header of a block of an encoded set is invalid, or the chain has the wrong length.
    SetBlock "a block of an encoded set is wrong",
    /// The sets are malformed, or contradict each other.
    Sets "the sets are wrong",
    /// A block of the log is not in use.
    LogNotInUse "a block of the log is not in use",
    /// The chain of the log has the wrong length.
    LogLength "the log has another length",
    /// The header of a block of the log is invalid.
    LogBlock "the header of a block of the log is wrong",
    /// An entry is malformed.
    Entry "an entry is malformed",
    /// An entry has an unknown tree or level, or an address beyond the last block.
    EntryUnknown "an entry has an unknown tree, level or address",
    /// The entries for an address contradict each other.
    Incarnations "the entries of a table contradict each other",
    /// An index block is not in use.
    TableNotInUse "a table is not in use",
    /// A table has too many records.
    TableTooLarge "a table has too many records",
    /// A live table has a last snapshot, which only a replaced table has.
    TableReplaced "a live table is replaced",
    /// A key has nonzero bytes above the size of a key.
    KeyTooWide "a key is too wide",
    /// A level has too many tables.
    LevelFull "a level has too many tables",
    /// Two tables of a level overlap.
    Overlap "two tables of a level overlap",
    /// A table is newer than the checkpoint.
    Newer "a table is newer than the checkpoint",
    /// A block of the log is also the index of a table.
    LogIsTable "a block of the log is an index",
    /// The tables and the log need more blocks than are in use.
    TooManyTables "there are more tables than blocks for them",
    /// An address is beyond the last block, or 0.
    Address "an address is beyond the device",
    /// A block has an invalid size.
    Size "a block has an invalid size",
    /// The checksum of a block is wrong.
    Checksum "the checksum of a block is wrong",
    /// A block has another checksum than the reference to it.
    OtherBlock "a block is not the one that is referred to",
    /// A block has an unknown version.
    BlockVersion "a block has another version",
    /// The header of a block has the address of another block.
    BlockAddress "a block has the address of another",
    /// A block has an unknown kind.
    Kind "a block has another kind",
    /// The bytes from the end of a block's content to the end of the sector are not zero.
    Zeros "bytes after a block are not zero",
    /// A block of a table is free.
    Free "a block of a table is free",
    /// The header of an index block is invalid.
    IndexHeader "the header of an index is wrong",
    /// The elements of an index are out of order, or refer to block 0.
    IndexOrder "the elements of an index are out of order",
    /// Unused elements of an index are not zero.
    IndexUnused "unused elements of an index are not zero",
    /// An index contradicts the entry of its table.
    IndexDiffers "an index contradicts its entry",
    /// The header of a value block is invalid.
    ValuesHeader "the header of a value block is wrong",
    /// The records of a value block are out of order.
    RecordOrder "records are out of order",
    /// The first or the last key of a value block contradicts the index.
    ValuesDiffer "the ends of a value block contradict the index",
    /// A value block has another snapshot than its table.
    Snapshot "a value block has another snapshot",
    /// A value block has more or fewer records than its place requires.
    Count "a value block has another number of records",
    /// A value block is released, or is also in use for something else.
    Shared "a value block is in use for something else",
    /// In an index, the puts and removals of a key do not alternate, or do not begin with a put.
    NotAlternate "the records of a key do not alternate",
}

/// A place of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// The superblock.
    Superblock,
    /// A block.
    Block(u64),
}

/// A fault, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    /// The fault.
    pub fault: Fault,
    /// The place of the fault.
    pub at: At,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Wrong { fault, at } = *self;
        match at {
            At::Superblock => formatter.write_str("superblock: ")?,
            At::Block(address) => write!(formatter, "block {address}: ")?,
        }
        formatter.write_str(Fault::NAMES[fault as usize])
    }
}

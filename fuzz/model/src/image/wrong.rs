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
    /// A superblock has another version.
    SuperblockVersion "the superblock has another version",
    /// A superblock has other copies, sectors or blocks.
    Layout "the superblock has another layout",
    /// A byte of a superblock is not zero.
    SuperblockZeros "a byte of the superblock is not zero",
    /// A sequence is too large.
    Sequence "the sequence is too large",
    /// The reference of an encoded set contradicts its size.
    SetEnds "the reference of an encoded set contradicts its size",
    /// The ends of the manifest log contradict its length.
    LogEnds "the ends of the log contradict its length",
    /// The store was formatted with other options.
    OtherOptions "the store has other options",
    /// A beat is too large.
    BeatTooLarge "the beat is too large",
    /// Beat 0 refers to blocks.
    BeatZero "beat 0 refers to blocks",
    /// A beat is within a bar.
    BeatWithinBar "the beat is within a bar",
    /// An encoded set is too large.
    SetSize "an encoded set is too large",
    /// The header of a block of an encoded set is wrong, or the chain has another length.
    SetBlock "a block of an encoded set is wrong",
    /// The sets are malformed, or contradict each other.
    Sets "the sets are wrong",
    /// A block of the log is not in use.
    LogNotInUse "a block of the log is not in use",
    /// The chain of the log has another length.
    LogLength "the log has another length",
    /// The header of a block of the log is wrong.
    LogBlock "the header of a block of the log is wrong",
    /// An entry is malformed.
    Entry "an entry is malformed",
    /// An entry has an unknown tree or level, or an address beyond the last.
    EntryUnknown "an entry has an unknown tree, level or address",
    /// The entries for an address contradict each other.
    Incarnations "the entries of a table contradict each other",
    /// An index block is not in use.
    TableNotInUse "a table is not in use",
    /// A table has too many records.
    TableTooLarge "a table has too many records",
    /// A live table has a last snapshot.
    TableReplaced "a live table is replaced",
    /// A key has bytes above its width.
    KeyTooWide "a key is too wide",
    /// A level has too many tables.
    LevelFull "a level has too many tables",
    /// Two tables of a level overlap.
    Overlap "two tables of a level overlap",
    /// A table is newer than the checkpoint.
    Newer "a table is newer than the checkpoint",
    /// A block of the log is also the index of a table.
    LogIsTable "a block of the log is an index",
    /// There are more tables than blocks for them.
    TooManyTables "there are more tables than blocks for them",
    /// An address is beyond the last block, or 0.
    Address "an address is beyond the device",
    /// A block has an invalid size.
    Size "a block has an invalid size",
    /// The checksum of a block is wrong.
    Checksum "the checksum of a block is wrong",
    /// A block is not the one that is referred to.
    OtherBlock "a block is not the one that is referred to",
    /// A block has another version.
    BlockVersion "a block has another version",
    /// A block has the address of another block.
    BlockAddress "a block has the address of another",
    /// A block has another kind.
    Kind "a block has another kind",
    /// The bytes after a block's content are not zero.
    Zeros "bytes after a block are not zero",
    /// A block of a table is free.
    Free "a block of a table is free",
    /// The header of an index block is wrong.
    IndexHeader "the header of an index is wrong",
    /// The elements of an index are out of order, or refer to block 0.
    IndexOrder "the elements of an index are out of order",
    /// Unused elements of an index are not zero.
    IndexUnused "unused elements of an index are not zero",
    /// An index contradicts the entry of its table.
    IndexDiffers "an index contradicts its entry",
    /// The header of a value block is wrong.
    ValuesHeader "the header of a value block is wrong",
    /// The records of a value block are out of order.
    RecordOrder "records are out of order",
    /// The ends of a value block contradict the index.
    ValuesDiffer "the ends of a value block contradict the index",
    /// A value block has the snapshot of another table.
    Snapshot "a value block has another snapshot",
    /// A value block has more or fewer records than its place requires.
    Count "a value block has another number of records",
    /// A value block is released, or in use by another table, or something else than a value block.
    Shared "a value block is in use for something else",
    /// The records of a key in an index are not put and removed alternately.
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

/// Something that is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
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

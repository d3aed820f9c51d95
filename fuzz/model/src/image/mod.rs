//! The model of target `image`: its settings and operations, and the result of opening and reading
//! an image ([`Reading`]). The model derives the result from the bytes of the image by the
//! documentation of the file format.
//!
//! | module | contents |
//! |---|---|
//! | [`settings`] | the sizes of the store |
//! | [`opening`], [`reading`] | reads an image, strictly |
//! | [`content`] | what a store must answer: the opened image, changed by all later writes |
//! | [`fields`], [`parts`], [`forge`], [`mod@seal`] | changes an image |

pub mod content;
pub mod fields;
pub mod forge;
pub mod opening;
pub mod parts;
pub mod reading;
pub mod seal;
pub mod settings;

pub use content::{Content, Difference};
pub use forge::{Forge, New};
pub use parts::Parts;
pub use reading::Reading;
pub use seal::{Depth, seal};
pub use settings::sizes;

pub use crate::format::{At, Fault, Sizes, Wrong};
use downbeat_input::encoding::{Count, Key, Place, Stride};
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

/// The sizes of a record of a general tree and of its key, in bytes.
pub const RECORD_NAMES: [&str; 2] = ["16+8", "128+32"];

operations! {
    // The sizes are small, so that a few bars fill several levels.
    settings [
        /// Bytes of a record of a general tree and of its key; an index into [`RECORD_NAMES`].
        RECORD: "geometry" "record" = Words(&RECORD_NAMES),
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// Bytes of a sector.
        SECTOR: "geometry" "sector" = Numbers(&[256, 64, 128, 1024]),
        /// The maximum number of records that are written between two beats.
        BATCH: "geometry" "batch" = Numbers(&[4, 2, 8, 16]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6]),
        /// The growth factor.
        GROWTH: "geometry" "growth" = Numbers(&[2, 3, 4]),
        /// Levels of the tree.
        LEVELS: "geometry" "levels" = Numbers(&[4, 2, 3, 5]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 4]),
        /// Copies of the superblock.
        COPIES: "copies" = Numbers(&[2, 4, 6, 8]),
        /// Sets of the cache, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 64]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 4]),
        /// Blocks of the device.
        BLOCKS: "device" "blocks" = Numbers(&[256, 100, 500]),
        /// The usage of the tree; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
    ];

    /// An operation on the store, or on the bytes of its device. After a change of the bytes, the
    /// store is opened again before it is used.
    pub enum Operation {
        /// Puts `count` records from `key` up, `stride` apart.
        0 "put_run" Run 12 => PutRun { key: Key, count: Count, stride: Stride },
        /// Removes `count` keys from `key` up, `stride` apart.
        1 "remove_run" Remove 6 => RemoveRun { key: Key, count: Count, stride: Stride },
        /// Puts and removes scattered keys below `spread`, as many as `bars` bars can hold.
        2 "grow" Run 10 => Grow { bars: Bars, spread: Spread },
        /// Runs `count` beats.
        3 "beats" Structure 4 => Beats { count: Count },
        /// Takes a checkpoint, which makes all writes durable.
        4 "checkpoint" Structure 8 => Checkpoint,
        /// Gets the record of a key.
        5 "get" Read 8 => Get { key: Key },
        /// Scans the records from one key to another, in both directions.
        6 "scan" Read 6 => Scan { from: Key, to: Key },
        /// Opens the store, and reads all of it.
        7 "open" Structure 14 => Open,
        /// Keeps a copy of the device, from which blocks can be restored.
        8 "keep" Scope 3 => Keep,
        /// Makes checksums valid again.
        9 "seal" Structure 30 => Seal { depth: Deep },
        /// Changes a field of a copy of the superblock.
        10 "superblock" Write 6 => Superblock { copy: Place, field: Place, value: Value, of: Place },
        /// Changes a field of the header of a block.
        11 "header" Write 8 => BlockHeader { group: Group, block: Place, field: Place, value: Value, of: Place },
        /// Changes a field of an entry of the manifest log.
        12 "entry" Write 8 => Entry { entry: Place, field: Place, value: Value, of: Place },
        /// Changes a field of an element of an index.
        13 "index" Write 6 => Index { table: Place, element: Place, field: Place, value: Value, of: Place },
        /// Changes a word of a record.
        14 "record" Write 4 => Record { block: Place, record: Place, word: Place, value: Value, of: Place },
        /// Changes a word of an encoded set: the acquired blocks (0), or the released ones (1).
        15 "set_word" Write 3 => SetWord { set: Set, word: Place, value: Value, of: Place },
        /// Puts a block into a set, or takes it out, and encodes the set again. Or makes value
        /// blocks free, from this one on, as many as an image that opens can lack.
        16 "set_block" Write 9 => SetBlock { set: BlockSet, block: Place },
        /// Changes bits of a byte of a block.
        17 "flip" Write 4 => Flip { block: Place, at: Place, mask: Mask },
        /// Changes bits of a byte of a copy of the superblock.
        18 "flip_copy" Write 3 => FlipCopy { copy: Place, at: Place, mask: Mask },
        /// Copies a block over another.
        19 "copy" Write 3 => Copy { from: Place, to: Place },
        /// Exchanges two blocks.
        20 "swap" Write 2 => Swap { one: Place, other: Place },
        /// Makes a sector of a block zero.
        21 "zero" Write 2 => Zero { block: Place, sector: Place },
        /// Restores a block from the kept copy of the device.
        22 "restore" Write 4 => Restore { block: Place },
        /// Restores a copy of the superblock from the kept copy of the device.
        23 "restore_copy" Write 4 => RestoreCopy { copy: Place },
        /// Appends a copy of an entry to the log.
        24 "append" Write 3 => Append { entry: Place },
        /// Removes an entry from its block.
        25 "drop" Write 3 => Drop { entry: Place },
        /// Exchanges two entries.
        26 "swap_entries" Write 2 => SwapEntries { one: Place, other: Place },
        /// Moves a table to another level.
        27 "level" Write 4 => Level { table: Place, level: LevelOf },
        /// Makes table `other` use the value blocks of table `one`.
        28 "share" Write 4 => Share { one: Place, other: Place },
        /// Raises the largest key of a table to the smallest key of the next table of its level.
        29 "stretch" Write 3 => Stretch { table: Place },
        /// Adds a copy of a table to a level.
        30 "add" Write 8 => Add { table: Place, level: LevelOf },
        /// Sets the keys in all indexes and entries to those of the records.
        31 "adapt" Write 3 => Adapt,
    }
}

table_number! {
    /// How many bars; 4 by default.
    pub Bars: u32 = [4, 1, 2, 3, 6, 8, 12, 16]
}

table_number! {
    /// How many keys there are; 64 by default.
    pub Spread: u64 = [64, 8, 24, 150, 400]
}

table_number! {
    /// How far up checksums are made valid, in the order of the variants of [`Depth`].
    pub Deep: u32 = [0, 1, 2, 3]
}

table_number! {
    /// A group of blocks: those of the encoded sets (0), those of the log (1), index blocks (2), or
    /// value blocks (3).
    pub Group: u32 = [0, 1, 2, 3]
}

table_number! {
    /// A set of blocks: the acquired ones (0), or the released ones (1).
    pub Set: u32 = [0, 1]
}

table_number! {
    /// A set of blocks: the acquired ones (0), the released ones (1), or the acquired ones, of which
    /// all value blocks that can be taken out are (2).
    pub BlockSet: u32 = [0, 1, 2]
}

table_number! {
    /// The kind of a field's new value, in this order: 0, all ones, the old value plus 1, minus 1,
    /// with one bit flipped, the value of the same field of another structure, the address of a
    /// block in use, a small number, a number slightly below the largest, a number near 2^62, the
    /// old value plus whole bars, minus whole bars, an address above all blocks in use, the last
    /// address of the device or one slightly above it.
    pub Value: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
}

table_number! {
    /// The bits of a byte that are changed.
    pub Mask: u32 = [1, 0x80, 0xff, 2, 0x10]
}

table_number! {
    /// The number of a level, or a number that is too large for a level.
    pub LevelOf: u32 = [0, 1, 2, 3, 4, 5, 63]
}

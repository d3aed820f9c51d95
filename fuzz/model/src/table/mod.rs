//! The target `table`: its settings and operations, and what it must do ([`Table`], [`book`]).

pub mod book;
mod geometry;
mod model;

pub use geometry::Geometry;
pub use model::Table;

use downbeat_input::encoding::{Key, Left, Place};
use downbeat_input::{operations, table_number};

/// Bytes of a record, and of its key.
pub const RECORD_NAMES: [&str; 3] = ["16+8", "32+16", "128+32"];

/// The initial content of a buffer: what its last use left, all ones, or all zeros.
pub const BUFFER_NAMES: [&str; 3] = ["used", "ones", "zeros"];

/// The choices for the address of the first block.
pub const ADDRESSES: [u64; 3] = [1, (1 << 32) - 8, 1 << 40];

const ADDRESS_NAMES: [&str; 3] = ["1", "2^32-8", "2^40"];

/// A large table has room for more value blocks than 8 bits can number: this many, and those of
/// [`BLOCKS`].
pub const BLOCKS_LARGE: usize = 256;

/// The choice of [`SIZE`] that makes tables large.
pub const LARGE: usize = 255;

operations! {
    // Small on purpose: a value block of 256 bytes holds 1 to 12 records, and an index block of
    // that size names up to 4 value blocks.
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024, 4096]),
        /// Bytes of a record and of its key; an index into [`RECORD_NAMES`].
        RECORD: "geometry" "record" = Words(&RECORD_NAMES),
        /// Value blocks of a table, before they are limited to what its index has room for.
        BLOCKS: "geometry" "blocks" = Numbers(&[3, 1, 2, 4, 6]),
        /// By how many records a memtable is smaller than the value blocks of a table.
        SHORT: "geometry" "short" = Numbers(&[0, 1, 2, 5]),
        /// The maximum number of records that are written at once.
        STEP: "writes" "step" = Numbers(&[8, 1, 2, 64]),
        /// The initial content of a buffer; an index into [`BUFFER_NAMES`].
        BUFFERS: "writes" "buffers" = Words(&BUFFER_NAMES),
        /// The address of the first block; an index into [`ADDRESSES`].
        ADDRESS: "place" "address" = Words(&ADDRESS_NAMES),
        /// The number of the tree.
        TREE: "place" "tree" = Numbers(&[1, 300, 65535]),
        /// 255 makes tables large: they have room for [`BLOCKS_LARGE`] value blocks and those of
        /// [`BLOCKS`]. A block is then as large as the index needs, whatever [`BLOCK`] is. Any
        /// other number has no effect.
        // One choice of 256, because an input with large tables takes as long as hundreds of
        // others.
        SIZE: "size" = Byte,
    ];

    /// One operation on the table that is being built, and on the last four tables.
    pub enum Operation {
        /// Adds `count` records after the last one, `gap` keys apart. If there is no table, or it
        /// is full, begins a new one.
        0 "add" Write 20 => Add { count: Count, gap: Gap },
        /// Adds tombstones as `add` adds records.
        1 "remove" Remove 10 => Remove { count: Count, gap: Gap },
        /// Adds `count` records from a key up, `gap` keys apart. If the key is not above the last
        /// record, begins a new table.
        2 "add_at" Write 14 => AddAt { key: Key, count: Count, gap: Gap },
        /// Adds records until only `left` more fit in the value block.
        3 "fill_block" Run 5 => FillBlock { left: Left, gap: Gap },
        /// Adds records until only `left` more fit in the table.
        4 "fill_table" Run 3 => FillTable { left: Left, gap: Gap },
        /// Finishes the value block, if it is full.
        5 "finish_block" Structure 3 => FinishBlock,
        /// Finishes the table.
        6 "finish" Structure 7 => Finish,
        /// Abandons the table that is being built.
        7 "abandon" Structure 2 => Abandon,
        /// Builds a table of `count` records from a key up, `gap` keys apart.
        8 "build" Run 6 => Build { key: Key, count: Count, gap: Gap },
        /// Builds a table of `blocks` full value blocks.
        9 "build_full" Run 4 => BuildFull { key: Key, blocks: Blocks, gap: Gap },
        /// Forgets a table.
        10 "drop" Structure 1 => Drop { table: Which },
        /// Looks up a key.
        11 "get" Read 16 => Get { key: Key, table: Which },
        /// Looks up the key of a record and its neighbours.
        12 "get_around" Read 10 => GetAround { at: Place, table: Which },
        /// Looks up the first and the last key of each value block and their neighbours.
        13 "get_edges" Read 3 => GetEdges { table: Which },
        /// Scans the records of a range from a key up, in both directions.
        14 "scan" Read 7 => Scan { key: Key, span: Span, table: Which },
        /// Scans from one record to another, in both directions.
        15 "scan_between" Read 5 => ScanBetween { first: Place, last: Place, table: Which },
        /// Reads everything in the index.
        16 "ask_index" Read 3 => AskIndex { table: Which },
        /// Verifies a table.
        17 "verify" Read 3 => Verify { table: Which },
        /// Verifies a table against wrong information about it.
        18 "verify_other" Read 4 => VerifyOther { field: Field, table: Which },
        /// Builds a table again, in other buffers and other steps.
        19 "build_again" Read 3 => BuildAgain { table: Which },
        /// Changes a byte of a block and opens it.
        20 "patch" Structure 4 => Patch { block: Place, at: Place, mask: Mask, table: Which },
        /// Changes a byte of a block, seals the block again and reads it.
        21 "forge" Structure 9 => Forge { block: Place, at: Place, mask: Mask, table: Which },
        /// Changes a field of a block's header, seals the block again and reads it.
        22 "forge_header" Structure 4 => ForgeHeader { block: Place, part: Part, table: Which },
        /// Exchanges two value blocks in the index, seals the index again and reads the table.
        23 "exchange" Structure 3 => Exchange { first: Place, second: Place, table: Which },
    }
}

table_number! {
    /// How many records; one by default.
    pub Count: u32 = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 16, 20, 24, 31, 40]
}

table_number! {
    /// The distance from a record's key to the next; 1 by default.
    pub Gap: u64 = [1, 0, 2, 3, 7, 30, 255, 0xffff, 0xffff_ffff, 0x1_0000_0000, 1 << 48, 1 << 62]
}

table_number! {
    /// How many full value blocks; 0, which means as many as a table can have, by default.
    pub Blocks: u32 = [0, 1, 2, 3, 4]
}

table_number! {
    /// Which of the last tables, wrapping around; the newest by default.
    pub Which: u32 = [0, 1, 2, 3]
}

table_number! {
    /// How far the last key of a range is above the first; 0 by default.
    pub Span: u64 = [0, 1, 2, 5, 10, 20, 40, 100, 300, 0xffff, 0xffff_ffff, 0x1_0000_0000, 1 << 48, u64::MAX]
}

table_number! {
    /// Which information about a table is wrong: its keys, its snapshot, its number of records, its
    /// address or its checksum.
    pub Field: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
}

table_number! {
    /// Which field of a block's header is wrong: the kind, tree, snapshot or size.
    pub Part: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

table_number! {
    /// The bits of a byte that are changed.
    pub Mask: u32 = [1, 0x80, 0xff, 2, 4, 0x10, 0x40, 0x7f]
}

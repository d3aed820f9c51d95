//! The target `manifest_level`: its settings and operations, and what it must do ([`Level`]).

mod level;
mod overlap;
mod table;

pub use level::Level;
pub use overlap::LeastOverlap;
pub use table::{SNAPSHOT_LATEST, SNAPSHOT_OPEN, Table};

use downbeat_input::encoding::{Key, Left};
use downbeat_input::{operations, table_number};

/// The maximum number of tables of a large level: more than 8 bits can count.
pub const TABLES_LARGE: u32 = 300;

/// The choice of [`SIZE`] that makes the levels large.
pub const LARGE: usize = 255;

operations! {
    // Small on purpose: a node of 128 bytes holds two tables, and a level of four tables is soon
    // full. With two tables in a node, 40 tables reach the same states as 200 tables. When 200 was
    // one of the choices, inputs took seven times as many steps.
    settings [
        /// Bytes of a node.
        NODE: "geometry" "node" = Numbers(&[256, 128, 192, 384, 512, 1024, 4096]),
        /// The maximum number of tables of each level.
        TABLES: "geometry" "tables" = Numbers(&[16, 2, 4, 7, 10, 12, 20, 24, 40]),
        /// Nodes in the pool, in percent of what both levels can need at once.
        POOL: "geometry" "pool" = Numbers(&[100, 75, 50]),
        /// The snapshot before the first operation.
        SNAPSHOT: "snapshots" = Numbers(&[1, 2, 1000]),
        /// 255 makes the levels large: each has room for [`TABLES_LARGE`] tables. Any other number
        /// has no effect.
        // One choice of 256, because an input with large levels takes as long as hundreds of
        // others.
        SIZE: "size" = Byte,
    ];

    /// One operation on two levels that share a pool.
    pub enum Operation {
        /// Inserts up to `count` tables of `width` + 1 keys, `gap` keys apart, from `key` up. Each
        /// is inserted at the next place where it overlaps no table that the current snapshot sees.
        0 "insert" Write 20 => Insert { key: Key, count: Tables, width: Width, gap: Gap, level: Side },
        /// Closes up to `count` open tables, from the first one that ends at `key` or above.
        1 "close" Structure 8 => Close { key: Key, count: Tables, level: Side },
        /// Takes a snapshot. It does not see tables that were closed before.
        2 "snapshot" Structure 7 => Snapshot,
        /// Removes up to `count` invisible tables, one by one.
        3 "remove_invisible" Remove 5 => RemoveInvisible { key: Key, count: Tables, level: Side },
        /// Removes up to `count` open tables, as if they moved elsewhere.
        4 "remove_visible" Remove 4 => RemoveVisible { key: Key, count: Tables, level: Side },
        /// Finds the first table that ends at `key` or above, by all its properties.
        5 "find" Read 5 => Find { key: Key, level: Side },
        /// Asks for the next table up in a range, then for the one after it.
        6 "next_up" Read 6 => NextUp { key: Key, span: Width, seen: Seen, level: Side },
        /// Asks for the next table down in a range, then for the one after it.
        7 "next_down" Read 6 => NextDown { key: Key, span: Width, seen: Seen, level: Side },
        /// Asks for the tables that overlap a range.
        8 "overlapping" Read 6 => Overlapping { key: Key, span: Width, limit: Limit, seen: Seen, level: Side },
        /// Asks for the table that overlaps the fewest tables of the other level.
        9 "least_overlap" Read 4 => LeastOverlap { limit: Limit, seen: Seen, level: Side },
        /// Iterates over a range in both directions, under every kind of visibility.
        10 "iterate" Read 4 => Iterate { key: Key, span: Width, seen: Seen, level: Side },
        /// Removes at once all tables of a range, or of all keys, that no snapshot still in use
        /// sees.
        11 "purge" Structure 3 => Purge { key: Key, span: Width, seen: Seen, level: Side },
        /// Inserts like `insert`, the highest table first.
        12 "insert_down" Write 5 => InsertDown { key: Key, count: Tables, width: Width, gap: Gap, level: Side },
        /// Moves up to `count` open tables to the other level, if they overlap no table there.
        13 "move" Structure 4 => Move { key: Key, count: Tables, level: Side },
        /// Inserts until only `left` more tables fit.
        14 "fill" Run 2 => Fill { key: Key, left: Left, width: Width, gap: Gap, level: Side },
        /// Closes every open table of a range.
        15 "close_range" Run 2 => CloseRange { key: Key, span: Width, level: Side },
        /// Resets a level to its initial state.
        16 "reset" Structure 1 => Reset { level: Side },
        /// Resets a level and inserts its tables again, closed ones too, as opening a store does.
        17 "reload" Structure 1 => Reload { level: Side },
    }
}

table_number! {
    /// How many tables; one by default.
    pub Tables: u32 = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32]
}

table_number! {
    /// How far the last key is above the first; 1 by default.
    pub Width: u64 = [1, 0, 2, 3, 7, 15, 31, 255, 0xffff, 0xffff_ffff, 0x1_0000_0000, u64::MAX]
}

table_number! {
    /// How many keys lie between two tables; none by default.
    pub Gap: u64 = [0, 1, 2, 5, 30, 1000, 0x1_0000_0000]
}

table_number! {
    /// The maximum number of tables that an answer may name; 16 by default.
    pub Limit: u32 = [16, 1, 2, 3, 4, 8]
}

table_number! {
    /// The snapshot that is used: 0 the latest, 1 the current one, n the one taken n - 1 snapshots
    /// before it.
    pub Seen: u64 = [0, 1, 2, 3, 5]
}

table_number! {
    /// Which of the two levels; the first by default.
    pub Side: u32 = [0, 1]
}

impl Side {
    /// Both levels.
    pub fn both() -> impl Iterator<Item = Side> {
        Side::TABLE.iter().filter_map(|side| Side::find(*side))
    }
}

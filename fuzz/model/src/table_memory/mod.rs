//! The target `table_memory`: what an input can say, and what must come of it ([`Tables`]).

mod counts;
mod table;
mod tables;

pub use counts::Counts;
pub use table::{Run, Table};
pub use tables::{Side, Tables};

use crate::encoding::{Count, Key, Left, Stride, Way};
use crate::version::USAGE_NAMES;
use crate::{operations, table_number};

operations! {
    // Above 16 values, a tail may be in several pieces.
    settings [
        /// What is promised of the versions of a key; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// Bytes of a record.
        RECORD: "geometry" "record" = Numbers(&[16, 32, 128]),
        /// Values of a table.
        VALUES: "geometry" "values" = Numbers(&[64, 16, 2, 33, 128, 256, 512, 1]),
        /// Beats of a bar.
        BEATS: "geometry" "beats" = Numbers(&[4, 2, 1, 8]),
        /// How a scope ends that a beat closes: 0 persisted, 1 discarded.
        FORCED: "forced" = Words(&["persist", "discard"]),
    ];

    /// One operation on the two tables in memory of a tree.
    pub enum Operation {
        /// Puts a record.
        0 "put" Write 22 => Put { key: Key },
        /// Puts a tombstone.
        1 "remove" Remove 8 => Remove { key: Key },
        /// Asks both tables for a key.
        2 "get" Read 12 => Get { key: Key },
        /// Ends a beat.
        3 "end_beat" Structure 7 => EndBeat,
        /// Ends a bar: the other table takes what was put.
        4 "end_bar" Structure 3 => EndBar,
        /// Goes through the other table to its end, and marks it as flushed.
        5 "flush" Structure 2 => Flush,
        /// Goes on through the other table, `count` values at most.
        6 "compact" Read 3 => Compact { count: Count },
        /// Opens a scope.
        7 "open" Scope 6 => Open,
        /// Closes the scope and keeps its puts.
        8 "persist" Scope 3 => Persist,
        /// Closes the scope and takes its puts back.
        9 "discard" Scope 4 => Discard,
        /// Starts a scan of the keys from `key` to `width` above, and gives the first `count`.
        10 "scan" Read 5 => Scan { key: Key, width: Width, table: Which, way: Way, count: Count },
        /// Goes on with the scan.
        11 "next" Read 4 => Next { count: Count },
        /// Has the scan pass over the keys before one.
        12 "seek" Read 4 => Seek { key: Key },
        /// Puts `count` keys from `key` on, `stride` apart.
        13 "put_run" Run 6 => PutRun { key: Key, count: Count, stride: Stride },
        /// Puts `count` records of one key.
        14 "put_equal" Run 3 => PutEqual { key: Key, count: Count },
        /// Puts tombstones of `count` keys from `key` on, `stride` apart.
        15 "remove_run" Run 3 => RemoveRun { key: Key, count: Count, stride: Stride },
        /// Puts keys from `key` on, `stride` apart, until only `left` more values fit.
        16 "fill" Run 2 => Fill { key: Key, stride: Stride, left: Left },
        /// Asks for the `count` keys put last, the newest first.
        17 "read_back" Read 4 => ReadBack { count: Count },
        /// Makes both tables as new.
        18 "reset" Structure 1 => Reset,
    }
}

table_number! {
    /// How far the last key is above the first; all above when missing.
    pub Width: u64 = [u64::MAX, 0, 1, 2, 3, 7, 15, 31, 255, 0xffff, 0xffff_ffff, 0x1_0000_0000]
}

table_number! {
    /// 0 the mutable table, 1 the immutable one.
    pub Which: u32 = [0, 1]
}

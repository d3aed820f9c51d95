//! The target `table_memory`: its settings and operations, and what it must do ([`Tables`]).

mod counts;
mod table;
mod tables;

pub use counts::Counts;
pub use table::{Run, Table};
pub use tables::{Side, Tables};

use downbeat_input::encoding::{Count, Key, Left, Stride, Way};
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

operations! {
    // With more than 16 values, a tail may consist of several pieces.
    settings [
        /// The usage of the records; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// Bytes of a record of a general tree; a record of an index always has 32.
        RECORD: "geometry" "record" = Numbers(&[16, 128]),
        /// The maximum number of values of a table.
        VALUES: "geometry" "values" = Numbers(&[64, 16, 2, 33, 128, 256, 512, 1]),
        /// Beats of a bar.
        BEATS: "geometry" "beats" = Numbers(&[4, 2, 1, 8]),
        /// How a scope ends when a beat closes it: 0 persisted, 1 discarded.
        FORCED: "forced" = Words(&["persist", "discard"]),
    ];

    /// One operation on the mutable and the immutable table of a tree.
    pub enum Operation {
        /// Puts a record.
        0 "put" Write 22 => Put { key: Key },
        /// Puts a tombstone.
        1 "remove" Remove 8 => Remove { key: Key },
        /// Gets a key from both tables.
        2 "get" Read 12 => Get { key: Key },
        /// Ends a beat.
        3 "end_beat" Structure 7 => EndBeat,
        /// Ends a bar: the immutable table takes the runs of the mutable table.
        4 "end_bar" Structure 3 => EndBar,
        /// Reads the immutable table to its end, and marks it as flushed.
        5 "flush" Structure 2 => Flush,
        /// Continues to read the immutable table, at most `count` values.
        6 "compact" Read 3 => Compact { count: Count },
        /// Opens a scope.
        7 "open" Scope 6 => Open,
        /// Closes the scope and keeps its puts.
        8 "persist" Scope 3 => Persist,
        /// Closes the scope and undoes its puts.
        9 "discard" Scope 4 => Discard,
        /// Starts a scan of the keys from `key` to `key` + `width`, and takes the first `count`.
        10 "scan" Read 5 => Scan { key: Key, width: Width, table: Which, way: Way, count: Count },
        /// Continues the scan.
        11 "next" Read 4 => Next { count: Count },
        /// Seeks a key in the scan: skips those before it.
        12 "seek" Read 4 => Seek { key: Key },
        /// Puts `count` keys from `key` up, `stride` apart.
        13 "put_run" Run 6 => PutRun { key: Key, count: Count, stride: Stride },
        /// Puts `count` records of the same key.
        14 "put_equal" Run 3 => PutEqual { key: Key, count: Count },
        /// Puts tombstones of `count` keys from `key` up, `stride` apart.
        15 "remove_run" Run 3 => RemoveRun { key: Key, count: Count, stride: Stride },
        /// Puts keys from `key` up, `stride` apart, until only `left` more values fit.
        16 "fill" Run 2 => Fill { key: Key, stride: Stride, left: Left },
        /// Gets the `count` keys that were put last, the newest first.
        17 "read_back" Read 4 => ReadBack { count: Count },
        /// Resets both tables to their initial state.
        18 "reset" Structure 1 => Reset,
    }
}

table_number! {
    /// How far the last key is above the first; to the largest key by default.
    pub Width: u64 = [u64::MAX, 0, 1, 2, 3, 7, 15, 31, 255, 0xffff, 0xffff_ffff, 0x1_0000_0000]
}

table_number! {
    /// Which table: 0 the mutable one, 1 the immutable one.
    pub Which: u32 = [0, 1]
}

//! The target `merge`: its settings and operations, and what it must do ([`Expected`]).

mod expected;
mod streams;

pub use expected::{Expected, Given};
pub use streams::{Record, Streams};

use downbeat_input::encoding::{Count, Key, Stride, Way};
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

/// The maximum number of streams.
pub const STREAMS_MAX: usize = 16;

operations! {
    settings [
        /// The usage of the records; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// Bytes of a record of a general tree; a record of an index always has 32.
        RECORD: "geometry" "record" = Numbers(&[16, 32, 128]),
        /// Streams.
        STREAMS: "geometry" "streams" = Numbers(&[4, 2, 3, 5, 8, 1, 7, 16, 0]),
    ];

    /// One operation on streams of records, and on a merge of the records that they held at its
    /// start.
    pub enum Operation {
        /// Puts a record into a stream.
        0 "put" Write 20 => Put { stream: Index, key: Key },
        /// Puts a tombstone into a stream.
        1 "remove" Remove 7 => Remove { stream: Index, key: Key },
        /// Takes up to `count` records from the merge.
        2 "pop" Read 16 => Pop { count: Pops },
        /// Asks the merge for the next record without taking it.
        3 "peek" Read 6 => Peek,
        /// Starts a merge of the records in the streams.
        4 "start" Structure 10 => Start { rule: Rule, way: Way },
        /// Makes a stream of the merge not ready for the next `count` times that it is asked.
        5 "late" Structure 5 => Late { stream: Index, count: Pops },
        /// Seeks a key: skips those before it.
        6 "seek" Read 5 => Seek { key: Key },
        /// Makes the merge ask all streams again.
        7 "reset" Structure 3 => Reset,
        /// Takes all records from the merge.
        8 "drain" Read 3 => Drain,
        /// Puts a record of the same key into each of `count` streams.
        9 "put_each" Run 4 => PutEach { key: Key, count: Count },
        /// Puts `count` keys from `key` up, `stride` apart, into a stream.
        10 "put_run" Run 5 => PutRun { stream: Index, key: Key, count: Count, stride: Stride },
        /// Puts `count` keys from `key` up, `stride` apart, into the streams in turn.
        11 "put_round" Run 3 => PutRound { key: Key, count: Count, stride: Stride },
        /// Empties a stream.
        12 "empty" Remove 2 => Empty { stream: Index },
    }
}

table_number! {
    /// Which of the streams, wrapping around.
    pub Index: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
}

table_number! {
    /// How many; one when missing.
    pub Pops: u32 = [1, 2, 3, 4, 6, 8, 12, 20]
}

table_number! {
    /// What a merge does with records of one key: 0 it returns the newest, which is in the first
    /// stream; 1 it folds them, with the oldest in the first stream; 2 it returns all, as a
    /// tournament.
    pub Rule: u32 = [0, 1, 2]
}

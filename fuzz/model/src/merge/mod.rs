//! The target `merge`: its settings and operations, and what it must do ([`Expected`]).

mod expected;
mod streams;

pub use expected::{Expected, Given};
pub use streams::{Record, Streams};

use downbeat_input::encoding::{Count, Key, Stride, Way};
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

/// The maximum number of streams of a merge that is not large.
pub const STREAMS_MAX: usize = 64;

/// The number of streams of a large merge: more than 8 bits can number.
pub const STREAMS_LARGE: usize = 300;

/// The choice of [`SIZE`] that makes the merge large.
pub const LARGE: usize = 255;

operations! {
    settings [
        /// The usage of the records; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// Bytes of a record of a general tree; a record of an index always has 32.
        RECORD: "geometry" "record" = Numbers(&[16, 128]),
        /// Streams.
        STREAMS: "geometry" "streams" = Numbers(&[4, 2, 3, 5, 8, 1, 7, 16, 0, 64]),
        /// 255 makes the merge large: it has [`STREAMS_LARGE`] streams. Any other number has no
        /// effect.
        // One choice of 256, because each record of a large merge takes as long as dozens of
        // others.
        SIZE: "size" = Byte,
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
        /// Puts a record into a stream, which may be one beyond those that `put` can name.
        13 "put_far" Write 2 => PutFar { stream: Far, key: Key },
        /// Puts a record into a stream beyond those that `put_far` can name: `row` times 64 streams
        /// after it.
        14 "put_beyond" Write 1 => PutBeyond { row: Row, stream: Far, key: Key },
        /// Puts a record of the same key into each stream.
        15 "put_all" Run 1 => PutAll { key: Key },
    }
}

table_number! {
    /// Which of the streams, wrapping around.
    pub Index: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
}

table_number! {
    /// Which of many streams, wrapping around.
    pub Far: u32 = far()
}

table_number! {
    /// How many times 64 streams; one by default.
    pub Row: u32 = [1, 2, 3, 4]
}

/// The numbers of [`STREAMS_MAX`] streams, those that [`Index`] does not have first.
const fn far() -> [u32; STREAMS_MAX] {
    let mut all = [0; STREAMS_MAX];
    let mut place = 0;
    while place < STREAMS_MAX {
        all[place] = ((place + Index::TABLE.len()) % STREAMS_MAX) as u32;
        place += 1;
    }
    all
}

table_number! {
    /// How many records, or how many times; one by default.
    pub Pops: u32 = [1, 2, 3, 4, 6, 8, 12, 20]
}

table_number! {
    /// What a merge does with records of one key: 0 it returns the newest, which is in the first
    /// stream; 1 it folds them, with the oldest in the first stream; 2 it returns all, as a
    /// tournament.
    pub Rule: u32 = [0, 1, 2]
}

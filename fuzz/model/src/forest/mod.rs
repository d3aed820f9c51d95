//! The target `forest`: its settings and operations, the types of records and objects, and the
//! history of a run ([`History`]). The model of each set of trees is an
//! [`Objects`].

mod entry;
mod history;
mod part;

pub use crate::groove::{
    Distance, Few, Objects, Rest, Rule, Stored, TIME_NAMES, Tag, Tick, timestamp,
};
pub use crate::running::{Bars, Beats, From, Io, Kind, Memory, Nth, Object, Page, Steps};
pub use crate::triggers::Triggers;
pub use entry::Entry;
pub use history::{Change, History};
pub use part::{Part, Values};

use downbeat_input::device::{FAULT_NAMES, ORDER_NAMES};
use downbeat_input::encoding::{Count, Key, Place, Stride, Way};
use downbeat_input::{operations, table_number};

/// How much of a half-bar's work each beat does, by name: what is due, all of it in the last beat,
/// all of it in the first beat, or a random share.
pub const PACE_NAMES: [&str; 4] = ["even", "late", "early", "chance"];

/// The plain trees that operations on plain trees use, by name. The other tree stays empty.
pub const PLAIN_NAMES: [&str; 3] = ["both", "narrow", "wide"];

operations! {
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// The maximum number of writes to a plain tree between two beats. A groove has half of it.
        BATCH: "geometry" "batch" = Numbers(&[8, 2, 4, 16, 32]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6, 8]),
        /// The growth factor of the narrow tree and of the parts. The other trees have another one.
        GROWTH: "geometry" "growth" = Numbers(&[2, 3, 4, 8]),
        /// Levels of the narrow tree and of the ticks. The other trees have another number.
        LEVELS: "geometry" "levels" = Numbers(&[4, 2, 3, 5]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// Sets of the cache of blocks, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 2, 16]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 2, 4]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 8]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// The timestamps of new objects; an index into [`TIME_NAMES`].
        TIME: "timestamps" = Words(&TIME_NAMES),
        /// How much of a half-bar's work each beat does; an index into [`PACE_NAMES`].
        PACE: "pace" = Words(&PACE_NAMES),
        /// The plain trees that are used; an index into [`PLAIN_NAMES`].
        PLAIN: "plain" = Words(&PLAIN_NAMES),
    ];

    /// One operation on a forest: two plain trees, a groove of parts with indexes, and a groove of
    /// ticks.
    pub enum Operation {
        /// Puts a record into a plain tree.
        0 "put" Write 12 => Put { tree: Plain, key: Key },
        /// Puts `count` records from `key` up, `stride` apart, into a plain tree.
        1 "put_run" Run 12 => PutRun { tree: Plain, key: Key, count: Count, stride: Stride },
        /// Removes a key from a plain tree.
        2 "remove" Remove 5 => Remove { tree: Plain, key: Key },
        /// Removes every `nth` of all records of a plain tree, at most `count` of them.
        3 "remove_run" Run 3 => RemoveRun { tree: Plain, nth: Nth, count: Count },
        /// Gets the records of `count` keys from `key` up, `stride` apart, from a plain tree.
        4 "get" Read 8 => Get { tree: Plain, key: Key, count: Few, stride: Stride },
        /// Scans the records of a plain tree from one key to another, at most `rest` of them.
        5 "scan" Read 5 => Scan { tree: Plain, from: Key, to: Key, way: Way, rest: Rest },
        /// Inserts a part. If there is one with this key, updates it instead.
        6 "insert" Write 10 => Insert { key: Key, values: Values },
        /// Inserts parts with `count` keys from `key` up, `stride` apart.
        7 "insert_run" Run 6 => InsertRun { key: Key, count: Count, stride: Stride, values: Values },
        /// Updates a part. If there is none with this key, inserts one instead.
        8 "update" Write 6 => Update { key: Key, values: Values },
        /// Removes a part. If there is none with this key, inserts one instead.
        9 "erase" Remove 4 => Erase { key: Key },
        /// Prefetches the parts with `count` keys from `key` up, `stride` apart, and gets them.
        10 "prefetch" Read 5 => Prefetch { key: Key, count: Few, stride: Stride },
        /// Queries the parts that have a value of the part `near`, by pages.
        11 "query" Read 4 => Query { near: Place, field: Field, way: Way, page: Page },
        /// Reads `rest` of the parts from the timestamp of the part `near` on, moved by `distance`.
        12 "range" Read 3 => Range { near: Place, distance: Distance, way: Way, rest: Rest },
        /// Inserts `count` ticks.
        13 "tick" Write 5 => InsertTicks { count: Few, tag: Tag },
        /// Updates a tick. If there is none, inserts one instead.
        14 "tick_update" Write 3 => UpdateTick { tick: Place, tag: Tag },
        /// Removes a tick. If there is none, inserts one instead.
        15 "tick_remove" Remove 2 => RemoveTick { tick: Place },
        /// Prefetches the parts with `count` keys from `key` up, and opens a scope of all trees.
        16 "open" Scope 4 => Open { key: Key, count: Few },
        /// Closes the scope and keeps its writes.
        17 "persist" Scope 2 => Persist,
        /// Closes the scope and undoes its writes.
        18 "discard" Scope 3 => Discard,
        /// Ends beats, and lets `steps` I/Os complete after each.
        19 "beats" Structure 8 => Beats { count: Beats, steps: Steps },
        /// Ends beats up to the end of a bar, then whole bars.
        20 "bars" Structure 6 => Bars { count: Bars },
        /// Makes everything that was written durable.
        21 "checkpoint" Structure 2 => Checkpoint,
        /// Asks for a checkpoint that contains everything that was written, without ending a beat.
        22 "want" Structure 2 => Want,
        /// Drops the blocks that are cached.
        23 "drop_cache" Structure 2 => DropCache,
        /// Closes the store and opens it again, at the last checkpoint, with other sizes of memory.
        24 "reopen" Structure 2 => Reopen { store: Object, memory: Memory },
        /// Closes the store and tries to open it as another one, which is refused. Then opens it
        /// again.
        25 "impostor" Structure 1 => Impostor { how: How },
        /// Lets up to `count` I/Os complete.
        26 "step" Structure 1 => Step { count: Steps },
        /// Loses power after `io` more I/Os, counted from now or from the flush of the next
        /// checkpoint. The store is then opened again.
        27 "crash" Structure 4 => Crash { io: Io, from: From, store: Object },
        /// Causes a fault at a later I/O.
        28 "fault" Structure 1 => Fault { kind: Kind, io: Io },
        /// Repeats the writes of up to `count` beats that were lost.
        29 "replay" Structure 3 => Replay { count: Beats },
        /// Ends beats up to the next checkpoint, and leaves that beat under way while it writes the
        /// superblock.
        30 "leave" Structure 3 => Leave,
    }
}

table_number! {
    /// A plain tree: 0 the narrow one, 1 the wide one. 0 by default.
    pub Plain: u32 = [0, 1]
}

table_number! {
    /// A field of a part with an index: 0 its kind, 1 its mark. 0 by default.
    pub Field: u32 = [0, 1]
}

table_number! {
    /// As what a store is opened that it is not, by number.
    pub How: u32 = {
        let mut numbers = [0; 16];
        let mut number = 0;
        while number < 16 {
            numbers[number] = number as u32;
            number += 1;
        }
        numbers
    }
}

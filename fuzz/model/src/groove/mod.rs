//! The target `groove`: its settings and operations, the two types of objects, and what the grooves
//! must do ([`Objects`]).

mod condition;
mod objects;
mod query;
mod stored;
mod thing;
mod tick;

pub use crate::running::{Bars, Beats, From, Io, Kind, Memory, Nth, Object, Page, Steps};
pub use crate::triggers::Triggers;
pub use condition::{Condition, Refusal};
pub use objects::Objects;
pub use query::{Shape, Term};
pub use stored::{Rule, Stored, TIMESTAMP_MAX, timestamp};
pub use thing::{Code, Fields, Thing, Values};
pub use tick::{Tag, Tick};

use downbeat_input::device::{FAULT_NAMES, ORDER_NAMES};
use downbeat_input::encoding::{Count, Key, Place, Stride, Way};
use downbeat_input::{operations, table_number};

/// The timestamps of new objects, by name: counted up, counted down from the largest, or spread.
pub const TIME_NAMES: [&str; 3] = ["up", "down", "spread"];

operations! {
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// The maximum number of objects that are written between two beats.
        BATCH: "geometry" "batch" = Numbers(&[8, 1, 2, 4, 16, 32]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6, 8]),
        /// The growth factor of the trees.
        GROWTH: "geometry" "growth" = Numbers(&[2, 3, 4, 8]),
        /// Levels of the trees.
        LEVELS: "geometry" "levels" = Numbers(&[4, 2, 3, 5]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// The maximum number of keys that are prefetched between two beats.
        PREFETCH: "memory" "prefetch" = Numbers(&[16, 2, 8, 32, 64]),
        /// Sets of the cache of objects, with two objects each.
        OBJECTS: "memory" "objects" = Numbers(&[2, 1, 4, 16]),
        /// Sets of the cache of blocks, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 2, 16]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 2, 4]),
        /// The maximum number of lookups at once.
        LOOKUPS: "memory" "lookups" = Numbers(&[4, 1, 2, 16]),
        /// The maximum number of scans of a query.
        SCANS: "memory" "scans" = Numbers(&[6, 3, 4, 12]),
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
    ];

    /// One operation on two grooves in a store: things, by a key, and ticks, by their timestamp.
    pub enum Operation {
        /// Inserts a thing. If there is one with this key, updates it instead.
        0 "insert" Write 20 => Insert { key: Key, values: Values, code: Code },
        /// Inserts things with `count` keys from `key` up, `stride` apart.
        1 "insert_run" Run 10 => InsertRun { key: Key, count: Count, stride: Stride, values: Values },
        /// Updates fields of a thing. If there is none with this key, inserts one instead.
        2 "update" Write 14 => Update { key: Key, fields: Fields, values: Values },
        /// Updates a thing to what it was before its last update.
        3 "revert" Write 5 => Revert { key: Key },
        /// Updates every `nth` of all things, at most `count` of them.
        4 "update_run" Run 4 => UpdateRun { nth: Nth, count: Count, fields: Fields, values: Values },
        /// Removes a thing. If there is none with this key, inserts one instead.
        5 "remove" Remove 8 => Remove { key: Key },
        /// Removes every `nth` of all things, at most `count` of them.
        6 "remove_run" Remove 3 => RemoveRun { nth: Nth, count: Count },
        /// Removes a thing if there is one with this key, and inserts another one.
        7 "replace" Write 5 => Replace { key: Key, values: Values, code: Code },
        /// Prefetches the things with `count` keys from `key` up, `stride` apart, and gets them.
        8 "prefetch" Read 12 => Prefetch { key: Key, count: Few, stride: Apart, by: By },
        /// Inserts `count` ticks.
        9 "tick" Write 6 => InsertTicks { count: Few, tag: Tag },
        /// Updates a tick.
        10 "tick_update" Write 4 => UpdateTick { tick: Place, tag: Tag },
        /// Removes a tick.
        11 "tick_remove" Remove 3 => RemoveTick { tick: Place },
        /// Prefetches `count` ticks from `tick` on, each timestamp moved by `distance`, and gets
        /// them.
        12 "tick_prefetch" Read 3 => PrefetchTicks { tick: Place, count: Few, distance: Distance },
        /// Queries the ticks of a tag.
        13 "tick_query" Read 3 => QueryTicks { tag: Tag, way: Way, page: Page },
        /// Queries the things for which a condition holds, and reads the whole result. A term can
        /// name a value of the thing `near`.
        14 "query" Read 14 => Query {
            shape: Shape, first: Term, second: Term, third: Term, near: Place, way: Way, page: Page
        },
        /// Queries the things for which a condition holds, and reads `records` less one of them.
        /// Then seeks the timestamp of the thing `seek`, moved by `distance`, reads up to `rest`
        /// more things, and ends.
        15 "query_seek" Read 8 => QuerySeek {
            shape: Shape, first: Term, second: Term, third: Term, near: Place, way: Way,
            records: Few, seek: Place, distance: Distance, rest: Rest
        },
        /// Prefetches the things with `count` keys from `key` up, and opens a scope.
        16 "open" Scope 6 => Open { key: Key, count: Few },
        /// Closes the scope and keeps its writes.
        17 "persist" Scope 2 => Persist,
        /// Closes the scope and undoes its writes.
        18 "discard" Scope 4 => Discard,
        /// Runs beats, and lets `steps` I/Os complete after each.
        19 "beats" Structure 8 => Beats { count: Beats, steps: Steps },
        /// Runs beats until `count` bars have ended.
        20 "bars" Structure 5 => Bars { count: Bars },
        /// Makes everything that was written durable.
        21 "checkpoint" Structure 2 => Checkpoint,
        /// Requests a checkpoint that contains everything that was written, without running a beat.
        22 "want" Structure 2 => Want,
        /// Drops the blocks that are cached.
        23 "drop_cache" Structure 3 => DropCache,
        /// Closes the store and opens it again, at the last checkpoint, with other sizes of memory.
        /// If a new object opens it with other sizes, a store of other objects is opened before,
        /// and must be refused.
        24 "reopen" Structure 2 => Reopen { store: Object, memory: Memory },
        /// Lets up to `count` I/Os complete.
        25 "step" Structure 1 => Step { count: Steps },
        /// Loses power after `io` more I/Os, counted from now or from the flush of the next
        /// checkpoint. The store is then opened again.
        26 "crash" Structure 3 => Crash { io: Io, from: From, store: Object },
        /// Causes a fault at a later I/O.
        27 "fault" Structure 1 => Fault { kind: Kind, io: Io },
        /// Begins a prefetch of `count` things from `near` on, by primary key, timestamp and code
        /// in turn, and of an absent key. The next operations run while it is under way. If one is
        /// under way, abandons it first.
        28 "prefetch_begin" Read 6 => PrefetchBegin { near: Place, count: Few },
        /// Continues the prefetch that is under way, and lets up to `steps` I/Os complete.
        29 "prefetch_advance" Read 6 => PrefetchAdvance { steps: Steps },
        /// Asks which key of a new thing is taken. `same` says what it has in common with the thing
        /// `near`. Inserts the new thing if none is.
        30 "insert_taken" Read 4 => InsertTaken { same: Same, near: Place },
        /// Drops the blocks that are cached, and queries the things of the most common kinds: in
        /// ascending order if `io` is even, and else in descending order. A read fails after `io`
        /// more I/Os.
        31 "query_fails" Read 4 => QueryFails { page: Page, io: Io },
    }
}

table_number! {
    /// What a new thing has in common with another one: 0 the timestamp, 1 the code, 2 the primary
    /// key, 3 nothing. 0 by default.
    pub Same: u32 = [0, 1, 2, 3]
}

table_number! {
    /// How many objects; one by default.
    pub Few: u32 = [1, 2, 3, 4, 5, 6, 8, 12, 16]
}

table_number! {
    /// The distance between the keys of a prefetch; 1 by default. With 0, all are the same key.
    pub Apart: i64 = [1, 0, 2, 16]
}

table_number! {
    /// By what things are prefetched: 0 their primary key, 1 their timestamp, 2 their code, 3 each
    /// of these in turn. 0 by default.
    pub By: u32 = [0, 1, 2, 3]
}

table_number! {
    /// The distance of a timestamp from that of an object; 0 by default.
    pub Distance: i64 = [0, 1, -1, 2, 0x1_0000, i64::MAX]
}

table_number! {
    /// How many more objects a query returns before it ends; all by default.
    pub Rest: u32 = [0x1_0000, 0, 1, 2, 4]
}

//! The target `scan`: its settings and operations, the rows of the groove, and the sets of rows by
//! value ([`Rows`]).

mod query;
mod row;
mod rows;
mod shape;

pub use crate::groove::{Condition, Distance, Refusal, Rest, Rule, Stored, TIME_NAMES, timestamp};
pub use crate::running::{Bars, Beats, From, Io, Kind, Memory, Nth, Object, Page, Steps};
pub use crate::triggers::Triggers;
pub use query::Term;
pub use row::{Fields, Row, Values};
pub use rows::Rows;
pub use shape::Shape;

use downbeat_input::device::{FAULT_NAMES, ORDER_NAMES};
use downbeat_input::encoding::{Place, Way};
use downbeat_input::{operations, table_number};

operations! {
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[512, 1024]),
        /// The maximum number of rows that are written between two beats.
        BATCH: "geometry" "batch" = Numbers(&[16, 4, 8, 32, 64]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6]),
        /// The growth factor of the trees.
        GROWTH: "geometry" "growth" = Numbers(&[2, 3, 4]),
        /// Levels of the trees.
        LEVELS: "geometry" "levels" = Numbers(&[5, 3, 4]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// Sets of the cache of blocks, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[32, 4, 128]),
        /// The maximum number of lookups at once.
        LOOKUPS: "memory" "lookups" = Numbers(&[4, 1, 2, 16]),
        /// The maximum number of scans of a query.
        SCANS: "memory" "scans" = Numbers(&[8, 3, 5, 16]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 8]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// The timestamps of new rows; an index into [`TIME_NAMES`].
        TIME: "timestamps" = Words(&TIME_NAMES),
    ];

    /// One operation on a groove of rows with four indexes.
    pub enum Operation {
        /// Inserts `count` rows.
        0 "insert" Run 20 => Insert { count: Many, values: Values },
        /// Updates fields of a row. If there is none, inserts one instead.
        1 "update" Write 8 => Update { row: Place, fields: Fields, values: Values },
        /// Updates every `nth` of all rows, at most `count` of them.
        2 "update_run" Run 5 => UpdateRun { nth: Nth, count: Many, fields: Fields, values: Values },
        /// Removes a row. If there is none, inserts one instead.
        3 "remove" Remove 5 => Remove { row: Place },
        /// Removes every `nth` of all rows, at most `count` of them.
        4 "remove_run" Run 3 => RemoveRun { nth: Nth, count: Many },
        /// Queries the rows for which an expression of up to six conditions holds, and reads the
        /// whole result by pages. A condition can name a value of the row `near`.
        5 "query" Read 20 => Query {
            shape: Shape, first: Term, second: Term, third: Term, fourth: Term, fifth: Term,
            sixth: Term, near: Place, way: Way, page: Page
        },
        /// Begins a query, reads `records` rows, seeks a row, moved by `distance`, reads as many
        /// rows, and seeks another row. Then reads `rest` rows, and ends.
        6 "seek" Read 14 => Seek {
            shape: Shape, first: Term, second: Term, third: Term, near: Place, way: Way,
            records: Several, seek: Place, distance: Distance, again: Place, rest: Rest
        },
        /// Opens cursor number `cursor` on a query.
        7 "open" Read 6 => Open {
            cursor: Cursor, shape: Shape, first: Term, second: Term, third: Term, near: Place,
            way: Way
        },
        /// Continues a cursor for `count` rows: begins its query again, and seeks the row after the
        /// last one.
        8 "next" Read 12 => Next { cursor: Cursor, count: Several },
        /// Ends beats, and lets `steps` I/Os complete after each.
        9 "beats" Structure 6 => Beats { count: Beats, steps: Steps },
        /// Ends beats up to the end of a bar, then whole bars.
        10 "bars" Structure 6 => Bars { count: Bars },
        /// Makes everything that was written durable.
        11 "checkpoint" Structure 2 => Checkpoint,
        /// Drops the blocks that are cached.
        12 "drop_cache" Structure 4 => DropCache,
        /// Closes the store and opens it again, at the last checkpoint, with other sizes of memory.
        13 "reopen" Structure 2 => Reopen { store: Object, memory: Memory },
        /// Lets up to `count` I/Os complete.
        14 "step" Structure 1 => Step { count: Steps },
        /// Loses power after `io` more I/Os, counted from now or from the flush of the next
        /// checkpoint. The store is then opened again.
        15 "crash" Structure 2 => Crash { io: Io, from: From, store: Object },
        /// Causes a fault at a later I/O.
        16 "fault" Structure 1 => Fault { kind: Kind, io: Io },
    }
}

table_number! {
    /// How many rows are written; one by default.
    pub Many: u32 = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128]
}

table_number! {
    /// How many rows are read; one by default.
    pub Several: u32 = [1, 2, 3, 4, 7, 8, 16, 32]
}

table_number! {
    /// The number of a cursor; 0 by default.
    pub Cursor: u32 = [0, 1, 2]
}

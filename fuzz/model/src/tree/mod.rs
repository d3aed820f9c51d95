//! The target `tree`: what an input can say, and what must come of it ([`Model`]).

mod model;
mod triggers;

pub use model::{Model, Stamp};
pub use triggers::Triggers;

use crate::device::ORDER_NAMES;
use crate::encoding::{Count, Left, Stride, TreeKey, Way};
use crate::version::USAGE_NAMES;
use crate::{operations, table_number};

/// Names of paces: what is due; nothing before the last beat of a half; all of it at the first; by chance, beat by
/// beat.
pub const PACE_NAMES: [&str; 4] = ["even", "late", "early", "chance"];

operations! {
    // Small on purpose: a level of two tables of eight records each is full after two bars.
    settings [
        /// Bytes of a record.
        RECORD: "geometry" "record" = Numbers(&[16, 32, 128]),
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// Records between two beats.
        BATCH: "geometry" "batch" = Numbers(&[2, 1, 3, 4, 8, 16]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6, 8]),
        /// How many times more tables a level has than the one above it.
        GROWTH: "geometry" "growth" = Numbers(&[2, 3, 4, 8]),
        /// Levels.
        LEVELS: "geometry" "levels" = Numbers(&[5, 2, 3, 4, 6, 7]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// Sets of the cache, of two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 2, 16, 64]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 2, 4]),
        /// Reads and writes of the device at once.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 8]),
        /// Which I/O completes next.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// How the tree is used: 0 general, 1 as an index.
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// What chance does.
        SCHEDULE: "schedule" = Byte,
        /// Blocks of the device.
        // The smaller one is full before deep levels are.
        DEVICE: "device" "blocks" = Numbers(&[2048, 512]),
        /// How much of a half's work each beat does.
        PACE: "pace" = Words(&PACE_NAMES),
    ];

    /// One operation on a tree in a store.
    pub enum Operation {
        /// Puts a record.
        0 "put" Write 26 => Put { key: TreeKey },
        /// Puts `count` records from `key` up, `stride` apart.
        1 "put_run" Run 8 => PutRun { key: TreeKey, count: Count, stride: Stride },
        /// Removes a key.
        2 "remove" Remove 10 => Remove { key: TreeKey },
        /// Removes `count` keys from `key` down, `stride` apart.
        3 "remove_run" Run 4 => RemoveRun { key: TreeKey, count: Count, stride: Stride },
        /// Asks for the record of a key.
        4 "get" Read 12 => Get { key: TreeKey },
        /// Asks for the records of `count` keys from `key` down, `stride` apart, as many at once as can be.
        5 "gets" Read 4 => Gets { key: TreeKey, count: Count, stride: Stride },
        /// Goes through the records from one key to another: up to so many, `page` at a time.
        6 "scan" Read 8 => Scan { from: TreeKey, to: TreeKey, records: Records, page: Page },
        /// Goes through all records, backwards or forwards.
        7 "scan_all" Read 3 => ScanAll { direction: Way },
        /// Goes through the records from one key to another, and on to a third key after so many.
        8 "scan_seek" Read 3 => ScanSeek { from: TreeKey, to: TreeKey, records: Records, seek: TreeKey },
        /// Ends beats, and lets so many I/Os complete after each.
        9 "beats" Structure 8 => Beats { count: Beats, steps: Steps },
        /// Ends beats up to the end of a bar, and then whole bars.
        10 "bars" Structure 5 => Bars { count: Bars },
        /// Makes durable all that was put.
        11 "checkpoint" Structure 2 => Checkpoint,
        /// Opens a scope.
        12 "open" Scope 4 => Open,
        /// Closes the scope and keeps what was done in it.
        13 "persist" Scope 2 => Persist,
        /// Closes the scope and takes back what was done in it.
        14 "discard" Scope 3 => Discard,
        /// Drops what is kept of the blocks.
        15 "drop_cache" Structure 2 => DropCache,
        /// Closes the store and opens it again: it is what the last checkpoint holds.
        16 "reopen" Structure 2 => Reopen,
        /// Lets up to `count` I/Os complete.
        17 "step" Structure 2 => Step { count: Steps },
        /// Puts every `nth` record of all again, up to `count` of them.
        18 "overwrite" Run 3 => Overwrite { nth: Nth, count: Count },
        /// Removes every `nth` record of all, up to `count` of them.
        19 "thin" Run 2 => Thin { nth: Nth, count: Count },
        /// Puts records from `key` on until only `left` more can be put before a beat.
        20 "fill" Run 3 => Fill { key: TreeKey, left: Left },
        /// Begins a scan from one key to another that goes on while the store changes.
        21 "scan_begin" Read 3 => ScanBegin { from: TreeKey, to: TreeKey },
        /// Goes on with it, for up to `count` records.
        22 "scan_next" Read 6 => ScanNext { count: Count },
        /// Begins to ask for the records of `count` keys from `key` down, `stride` apart, and gives them up.
        23 "forget" Read 2 => Forget { key: TreeKey, count: Count, stride: Stride },
        /// Asks for a checkpoint that holds all that was put, and lets no beat come.
        24 "want" Structure 2 => Want,
    }
}

table_number! {
    /// How many records; all when missing.
    pub Records: u32 = [0x1_0000, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64]
}

table_number! {
    /// How many records of a page; one page for all when missing.
    pub Page: u32 = [0x1_0000, 1, 2, 3, 4, 7, 8, 16]
}

table_number! {
    /// How many beats; one when missing.
    pub Beats: u32 = [1, 2, 3, 4, 6, 8, 12]
}

table_number! {
    /// How many bars; one when missing.
    pub Bars: u32 = [1, 2, 3, 4, 6, 8, 12, 16, 24]
}

table_number! {
    /// How many I/Os; none when missing.
    pub Steps: u32 = [0, 1, 2, 3, 4, 8, 16, 64]
}

table_number! {
    /// Which of the records; each one when missing.
    pub Nth: u32 = [1, 2, 3, 4, 5, 8]
}

//! The target `tree_large`: its settings and operations. Its model is that of the target `tree`.
//!
//! A few operations are enough to reach the sizes of real use, because an operation writes many
//! records. Some of the numbers in the tables below are close to the limits of 8 and 16 bits, or
//! above them.

use downbeat_input::device::{FAULT_NAMES, ORDER_NAMES};
use downbeat_input::encoding::{Left, TreeKey, Way};
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

use crate::tree::{From, Kind, Nth, Object, PACE_NAMES, Page};

/// The shapes by name. A shape is the sizes of the records, the blocks, the beats and the bars. New
/// shapes are added at the end.
pub const SHAPE_NAMES: [&str; 9] =
    ["runs", "tables", "memory", "wide", "beats", "megabyte", "deep", "records", "production"];

/// What is on the device before the blocks of the tree, by name: blocks in use (up to almost 4 GiB
/// if blocks are large), or nothing.
pub const BALLAST_NAMES: [&str; 2] = ["much", "none"];

operations! {
    settings [
        /// The sizes of records, blocks, beats and bars; an index into [`SHAPE_NAMES`].
        SHAPE: "shape" = Words(&SHAPE_NAMES),
        /// The growth factor.
        GROWTH: "geometry" "growth" = Numbers(&[8, 16, 2, 4]),
        /// Levels of the tree.
        LEVELS: "geometry" "levels" = Numbers(&[7, 4, 2]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[4, 1, 16]),
        /// Copies of the superblock.
        COPIES: "superblock" "copies" = Numbers(&[4, 8]),
        /// Sets of the cache, with 16 blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 64]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[4, 1, 32]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[32, 2]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// The usage of the tree; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
        /// Blocks for the tree.
        DEVICE: "device" "blocks" = Numbers(&[16384, 2048, 131_072]),
        /// What is on the device before these blocks; an index into [`BALLAST_NAMES`].
        BALLAST: "device" "ballast" = Words(&BALLAST_NAMES),
        /// How much of a half-bar's work each beat does.
        PACE: "pace" = Words(&PACE_NAMES),
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
    ];

    /// One operation on a large tree in a store.
    pub enum Operation {
        /// Puts `count` records from `key` on, `stride` apart.
        0 "put_run" Run 40 => PutRun { key: TreeKey, count: Many, stride: Step },
        /// Removes `count` keys from `key` on, `stride` apart.
        1 "remove_run" Remove 10 => RemoveRun { key: TreeKey, count: Many, stride: Step },
        /// Puts every `nth` record again, at most `count` of them, from the first record at or
        /// after `key`.
        2 "overwrite" Run 10 => Overwrite { key: TreeKey, nth: Nth, count: Many },
        /// Removes every `nth` record, at most `count` of them, from the first record at or after
        /// `key`.
        3 "thin" Remove 6 => Thin { key: TreeKey, nth: Nth, count: Many },
        /// Puts records from `key` on, `stride` apart, until only `left` more can be put before the
        /// end of the bar.
        4 "fill" Run 10 => Fill { key: TreeKey, stride: Step, left: Left },
        /// Gets the records of `count` keys from `key` on, `stride` apart, as many at once as
        /// possible.
        5 "gets" Read 8 => Gets { key: TreeKey, count: Few, stride: Step },
        /// Gets the first and the last key of each of the last `count` runs of writes, and the keys
        /// next to them.
        6 "ends_of_runs" Read 6 => EndsOfRuns { count: Few },
        /// Gets the first and the last key of `count` tables, and the keys next to them.
        7 "ends_of_tables" Read 6 => EndsOfTables { count: Few },
        /// Scans the records from one key to another: at most `records` of them, `page` at a time.
        8 "scan" Read 8 => Scan { from: TreeKey, to: TreeKey, records: Many, page: Page },
        /// Scans all records.
        9 "scan_all" Read 3 => ScanAll { direction: Way },
        /// Scans the records from one key to another, and seeks a third key after `records`
        /// records.
        10 "scan_seek" Read 4 => ScanSeek { from: TreeKey, to: TreeKey, records: Few, seek: TreeKey },
        /// Counts the records from one key to another.
        11 "count" Read 3 => Count { from: TreeKey, to: TreeKey },
        /// Begins a scan from one key to another that stays open while the store changes.
        12 "scan_begin" Read 2 => ScanBegin { from: TreeKey, to: TreeKey },
        /// Continues the open scan, for up to `count` records.
        13 "scan_next" Read 4 => ScanNext { count: Few },
        /// Ends beats.
        14 "beats" Structure 8 => Beats { count: Few },
        /// Ends beats up to the end of a bar, then whole bars.
        15 "bars" Structure 12 => Bars { count: Bars },
        /// Makes everything that was put durable.
        16 "checkpoint" Structure 3 => Checkpoint,
        /// Closes the store and opens it again, at the last checkpoint.
        17 "reopen" Structure 3 => Reopen,
        /// Opens a scope.
        18 "open" Scope 3 => Open,
        /// Closes the scope and keeps its writes.
        19 "persist" Scope 2 => Persist,
        /// Closes the scope and undoes its writes.
        20 "discard" Scope 2 => Discard,
        /// Drops the blocks that are cached.
        21 "drop_cache" Structure 2 => DropCache,
        /// Loses power after `io` more I/Os, counted from now or from the flush of the next
        /// checkpoint. The store is then opened again.
        22 "crash" Structure 2 => Crash { io: Io, from: From, store: Object },
        /// Causes a fault at a later I/O.
        23 "fault" Structure 1 => Fault { kind: Kind, io: Io },
    }
}

table_number! {
    /// How many records; 1000 by default.
    pub Many: u32 = [
        1000, 1, 16, 33, 100, 127, 255, 256, 257, 512, 2048, 4096, 5000, 8192, 10_000, 16_384,
        20_000, 32_768, 40_000, 65_536, 65_537, 100_000
    ]
}

table_number! {
    /// How many keys, beats or tables; 16 by default.
    pub Few: u32 = [16, 1, 2, 3, 4, 8, 15, 17, 32, 33, 64, 128, 255, 256, 257, 1000]
}

table_number! {
    /// How many bars; one by default.
    pub Bars: u32 = [1, 2, 3, 4, 8, 16, 17, 32, 64, 257, 300]
}

table_number! {
    /// What a run adds to the key at each record, wrapping; 1 by default. With 0, each key is a
    /// random one of a range that has twice as many keys as the run has records. The first key
    /// determines the random keys.
    pub Step: i64 = [
        1, 0, -1, 2, -2, 3, 255, 256, -257, 65_536, 0x1_0000_0000, -0x61c8_8646_80b5_83eb
    ]
}

table_number! {
    /// After how many I/Os something happens. 0 by default, which means at once for a power loss,
    /// and the next I/O for a fault.
    pub Io: u32 = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64, 96, 128, 256, 512, 1024, 4096
    ]
}

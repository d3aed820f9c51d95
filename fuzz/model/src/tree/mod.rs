//! The target `tree`: its settings and operations, and what it must do ([`Model`]).

mod model;

pub use crate::running::{Bars, Beats, From, Io, Kind, Memory, Nth, Object, Page, Steps};
pub use crate::triggers::Triggers;
pub use model::{Model, Stamp};

use downbeat_input::device::{FAULT_NAMES, ORDER_NAMES};
use downbeat_input::encoding::{Count, Left, Place, Stride, TreeKey, Way};
use downbeat_input::version::USAGE_NAMES;
use downbeat_input::{operations, table_number};

/// The paces by name: how much of a half-bar's work each beat does. With `even`, a beat does the
/// work that is due. With `late`, the last beat does all work, and with `early` the first beat.
/// With `chance`, a beat does a random share.
pub const PACE_NAMES: [&str; 4] = ["even", "late", "early", "chance"];

/// How beats and checkpoints are run, by name. With `by_hand`, the world drives each beat. With
/// `whole`, it calls the store's methods that wait, and a put or removal runs the beat that it
/// needs. With `chance`, each beat is run in one of the two ways, and some beats by hand are left
/// under way while they write the superblock, until a later operation continues them.
pub const CALL_NAMES: [&str; 3] = ["by_hand", "whole", "chance"];

operations! {
    // Small on purpose: two bars fill a level of two tables of eight records each.
    settings [
        /// Bytes of a record of a general tree; a record of an index always has 32.
        RECORD: "geometry" "record" = Numbers(&[16, 128]),
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// The maximum number of records that are written between two beats.
        BATCH: "geometry" "batch" = Numbers(&[2, 1, 3, 4, 8, 16]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6, 8]),
        /// The growth factor: how many times as many tables a level has as the level above it.
        GROWTH: "geometry" "growth" = Numbers(&[2, 3, 4, 8]),
        /// Levels of the tree.
        LEVELS: "geometry" "levels" = Numbers(&[5, 2, 3, 4, 6, 7]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// Sets of the cache, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 2, 16, 64]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 2, 4]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 8]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// The usage of the tree; an index into [`USAGE_NAMES`].
        USAGE: "usage" = Words(&USAGE_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
        /// Blocks of the device.
        // The smaller device is full before the deep levels are.
        DEVICE: "device" "blocks" = Numbers(&[2048, 256]),
        /// How much of a half-bar's work each beat does.
        PACE: "pace" = Words(&PACE_NAMES),
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// How beats and checkpoints are run; an index into [`CALL_NAMES`].
        CALLS: "calls" = Words(&CALL_NAMES),
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
        /// Gets the record of a key.
        4 "get" Read 12 => Get { key: TreeKey },
        /// Gets the records of `count` keys from `key` down, `stride` apart, as many at once as
        /// possible.
        5 "gets" Read 4 => Gets { key: TreeKey, count: Count, stride: Stride },
        /// Scans the records from one key to another: at most `records` of them, `page` at a time.
        /// With `salvage`, scans all of them, and goes on behind blocks that cannot be read.
        6 "scan" Read 8 => Scan {
            from: TreeKey, to: TreeKey, records: Records, page: Page, salvage: Salvages
        },
        /// Scans all records.
        7 "scan_all" Read 3 => ScanAll { direction: Way },
        /// Scans the records from one key to another, and seeks a third key after `records`
        /// records.
        8 "scan_seek" Read 3 => ScanSeek { from: TreeKey, to: TreeKey, records: Records, seek: TreeKey },
        /// Ends beats, and lets `steps` I/Os complete after each.
        9 "beats" Structure 8 => Beats { count: Beats, steps: Steps },
        /// Ends beats up to the end of a bar, then whole bars.
        10 "bars" Structure 5 => Bars { count: Bars },
        /// Makes everything that was put durable.
        11 "checkpoint" Structure 2 => Checkpoint,
        /// Opens a scope.
        12 "open" Scope 4 => Open,
        /// Closes the scope and keeps its writes.
        13 "persist" Scope 2 => Persist,
        /// Closes the scope and undoes its writes.
        14 "discard" Scope 3 => Discard,
        /// Drops the blocks that are cached.
        15 "drop_cache" Structure 2 => DropCache,
        /// Closes the store and opens it again, at the last checkpoint, with other sizes of memory,
        /// more blocks, or another interval of checkpoints. With `format`, formats it instead. With
        /// `give_up`, then gives up the tables that cannot be read.
        16 "reopen" Structure 2 => Reopen {
            store: Object, memory: Memory, format: Format, more: More, interval: Interval,
            give_up: GivesUp
        },
        /// Lets up to `count` I/Os complete.
        17 "step" Structure 2 => Step { count: Steps },
        /// Puts every `nth` of all records again, at most `count` of them.
        18 "overwrite" Run 3 => Overwrite { nth: Nth, count: Count },
        /// Removes every `nth` of all records, at most `count` of them.
        19 "thin" Run 2 => Thin { nth: Nth, count: Count },
        /// Puts records from `key` up until only `left` more can be put before a beat.
        20 "fill" Run 3 => Fill { key: TreeKey, left: Left },
        /// Begins scan number `scan` from one key to another. It stays open while the store
        /// changes.
        21 "scan_begin" Read 3 => ScanBegin { from: TreeKey, to: TreeKey, scan: Which },
        /// Continues an open scan, for up to `count` records.
        22 "scan_next" Read 6 => ScanNext { count: Count, scan: Which },
        /// Begins to get the records of `count` keys from `key` down, `stride` apart, and abandons
        /// the lookups.
        23 "forget" Read 2 => Forget { key: TreeKey, count: Count, stride: Stride },
        /// Asks for a checkpoint that contains everything that was put, without ending a beat.
        24 "want" Structure 2 => Want,
        /// Loses power after `io` more I/Os, counted from now or from the flush of the next
        /// checkpoint. The store is then opened again.
        25 "crash" Structure 3 => Crash { io: Io, from: From, store: Object },
        /// Causes a fault at a later I/O.
        26 "fault" Structure 1 => Fault { kind: Kind, io: Io },
        /// Begins to get the records of `count` keys from `key` up, `stride` apart. The lookups
        /// stay open while the store changes.
        27 "lookup" Read 6 => Lookup { key: TreeKey, count: AtOnce, stride: Apart },
        /// Takes the answers of up to `count` open lookups from `lookup` on, or forgets them.
        28 "answer" Read 6 => Answer { lookup: Place, count: AtOnce, how: How },
        /// Seeks a key in an open scan.
        29 "seek" Read 5 => Seek { key: TreeKey, scan: Which },
        /// Ends an open scan.
        30 "scan_end" Read 1 => ScanEnd { scan: Which },
        /// Continues an open scan, for up to `count` records, until it must wait for the device.
        31 "scan_poll" Read 4 => ScanPoll { count: Count, scan: Which },
    }
}

table_number! {
    /// The number of an open scan; 0 by default.
    pub Which: u32 = [0, 1, 2]
}

table_number! {
    /// How many lookups at once; one by default.
    pub AtOnce: u32 = [1, 2, 3, 4, 8]
}

table_number! {
    /// The distance between the keys of lookups at once; 1 by default. With 0, all ask for the same
    /// key.
    pub Apart: i64 = [1, 0, -1, 2, 16, 0x1_0000_0000]
}

table_number! {
    /// What happens to the answer of a lookup: 0 waits for it, 1 takes it only if the lookup has
    /// ended, 2 forgets the lookup. 0 by default.
    pub How: u32 = [0, 1, 2]
}

table_number! {
    /// Whether a store is formatted instead of opened: 0 no, 1 yes. 0 by default.
    pub Format: u32 = [0, 1], seldom 1 in 8
}

table_number! {
    /// Whether a scan goes on behind blocks that cannot be read: 0 no, 1 yes. 0 by default.
    pub Salvages: u32 = [0, 1], seldom 1 in 4
}

table_number! {
    /// How many blocks more than before a store is opened with; none by default.
    pub More: u32 = [0, 1, 63, 64, 200, 1000], seldom 1 in 2
}

table_number! {
    /// The bars from one checkpoint to the next of a store that is opened; 0, which means as
    /// before, by default.
    pub Interval: u32 = [0, 1, 2, 5], seldom 1 in 2
}

table_number! {
    /// Which tables are given up if they cannot be read: 0 none, 1 all, 2 those of the smaller half
    /// of the keys. 0 by default.
    pub GivesUp: u32 = [0, 1, 2], seldom 1 in 2
}

table_number! {
    /// How many records; all by default.
    pub Records: u32 = [0x1_0000, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64]
}

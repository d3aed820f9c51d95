//! The target `durable_store`: its settings and operations, and the batches that the store must
//! have ([`Batches`]).

mod batches;

pub use crate::running::{Beats, Before, Burst, From, Io, Object};
pub use crate::triggers::Triggers;
pub use batches::{Batches, Write};

use downbeat_input::device::ORDER_NAMES;
use downbeat_input::encoding::{Count, Key, Place, Stride, Way};
use downbeat_input::{operations, table_number};

operations! {
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// Blocks of the device.
        BLOCKS: "geometry" "blocks" = Numbers(&[2048, 512, 8192]),
        /// The maximum number of records that are written between two beats.
        RECORDS: "geometry" "records" = Numbers(&[8, 4, 16, 32]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6, 8]),
        /// The growth factor of the tree.
        GROWTH: "geometry" "growth" = Numbers(&[2, 4, 8]),
        /// Levels of the tree.
        LEVELS: "geometry" "levels" = Numbers(&[5, 3, 4, 7]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// The maximum number of puts and removals of a batch; at most `RECORDS`.
        BATCH: "log" "batch" = Numbers(&[8, 1, 2, 4, 32]),
        /// Bytes of a sector of the log's device.
        SECTOR: "log" "sector" = Numbers(&[128, 64, 256]),
        /// Sectors of the log's device beyond those that it needs.
        SPARE: "log" "spare" = Numbers(&[0, 1, 3, 16]),
        /// Sets of the cache of blocks, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 16]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 4]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 8]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a durable store: a tree on one device, and the log of its batches on
    /// another.
    pub enum Operation {
        /// Puts a record.
        0 "put" Write 12 => Put { key: Key },
        /// Removes a key.
        1 "remove" Remove 6 => Remove { key: Key },
        /// Writes a batch: puts and removals of `count` keys from `key` up, `stride` apart. `mix`
        /// says which of them are removals, and whether the batch has some keys twice.
        2 "batch" Run 16 => Batch { key: Key, count: Few, stride: Stride, mix: Mix },
        /// Writes several batches with one call. Each begins at the key at which the one before it
        /// ends.
        3 "batches" Run 10 => Batches { batches: Count, key: Key, count: Few, stride: Stride, mix: Mix },
        /// Writes batches of which the one at `place` is empty.
        4 "empty" Write 2 => Empty { batches: Few, place: Place, key: Key },
        /// Writes batches of which the one at `place` is too large.
        5 "too_large" Write 2 => TooLarge { batches: Few, place: Place, key: Key },
        /// Takes a checkpoint with all writes so far.
        6 "checkpoint" Structure 4 => Checkpoint,
        /// Gets the record of a key.
        7 "get" Read 10 => Get { key: Key },
        /// Reads the records from one key to another, at most `count` of them.
        8 "range" Read 6 => Range { from: Key, to: Key, count: Count, way: Way },
        /// Reads all records.
        9 "range_all" Read 3 => RangeAll { way: Way },
        /// Closes the store and opens it again, with the same object or a new one.
        10 "reopen" Structure 4 => Reopen { store: Object },
        /// Loses power after `io` more I/Os, counted over both devices, from now or from the first
        /// write of the next superblock. The store is then opened again.
        11 "crash" Structure 10 => Crash { io: Io, from: From, store: Object },
        /// Causes an I/O of a device to fail: I/O `io` from now, counted from 0.
        12 "fail" Structure 2 => Fail { device: Device, io: Io },
        /// Opens the store with a smaller or a larger limit of a batch, and then with its own.
        13 "other_limit" Structure 1 => OtherLimit { limit: Limit },
        /// Opens the store with the log of another store, and then with its own.
        14 "other_log" Structure 1 => OtherLog { batches: Few },
        /// Kills the process after `io` more I/Os, counted over both devices. The devices keep
        /// their power. The store is then opened again.
        15 "kill" Structure 5 => Kill { io: Io, store: Object },
        /// Formats both devices again, with the same number or with the next one.
        16 "format" Structure 1 => Format { number: Number },
        /// Closes the store and opens it again, while `count` reads of a device in a row fail,
        /// after `before` reads.
        17 "burst" Structure 2 => Burst {
            device: Device, before: Before, count: Burst, store: Object
        },
    }
}

table_number! {
    /// How many; one by default.
    pub Few: u32 = [1, 2, 3, 4, 5, 6, 7, 8, 16, 32]
}

table_number! {
    /// What a batch is mixed of: 0 puts, 1 removals, 2 both in turns. With 3 to 5, the same, and
    /// each key comes a second time, as the other kind.
    pub Mix: u32 = [0, 2, 1, 3, 4, 5]
}

table_number! {
    /// A device: 0 that of the tree, 1 that of the log.
    pub Device: u32 = [1, 0]
}

table_number! {
    /// The number of a store that is formatted again: 0 the same, 1 the next one.
    pub Number: u32 = [0, 1]
}

table_number! {
    /// How the limit of a batch differs: one less or one more.
    pub Limit: i64 = [1, -1]
}

impl Mix {
    /// Whether the write at this place of a batch is a removal.
    #[must_use]
    pub fn removes(self, place: usize) -> bool {
        match self.get() % 3 {
            0 => false,
            1 => true,
            _ => place % 2 == 1,
        }
    }

    /// Whether each key comes twice.
    #[must_use]
    pub fn repeats(self) -> bool {
        self.get() >= 3
    }
}

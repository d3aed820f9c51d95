//! The target `grid`: its settings and operations. Its model is a [`Store`](crate::store::Store).

use downbeat_input::device::{FAULT_NAMES, Io, ORDER_NAMES};
use downbeat_input::{operations, table_number};

operations! {
    // A block of 128 bytes has room for eight words of an encoded free set. The set of a store of
    // 600 blocks can take two such blocks.
    settings [
        /// Bytes of a sector; at most those of a block.
        SECTOR: "geometry" "sector" = Numbers(&[128, 64, 256]),
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 128]),
        /// Blocks of the store.
        BLOCKS: "geometry" "blocks" = Numbers(&[32, 16, 64, 600]),
        /// Copies of the superblock.
        COPIES: "geometry" "copies" = Numbers(&[4, 2, 6, 8]),
        /// Sets of the cache, with two blocks each.
        CACHE_SETS: "memory" "cache" = Numbers(&[2, 1, 4]),
        /// Blocks in memory besides those of the cache.
        PRIVATE: "memory" "private" = Numbers(&[4, 1, 8]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 4]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a store of blocks.
    pub enum Operation {
        /// Begins to write up to `count` new blocks of one reservation, each with a body of `size`
        /// bytes.
        0 "write" Write 24 => Write { count: Count, size: Size },
        /// Begins to write blocks of two reservations, alternately.
        1 "write_in_turn" Write 4 => WriteInTurn { first: Count, second: Count },
        /// Reads a block and waits for it.
        2 "read" Read 14 => Read { block: Index, caching: Cache },
        /// Begins to read up to `count` blocks, beginning with `block`, and does not wait.
        3 "ask" Read 10 => Ask { block: Index, count: Count, caching: Cache },
        /// Abandons a read that is under way.
        4 "forget" Read 2 => Forget { index: Index },
        /// Reads a block and keeps a handle of it.
        5 "hold" Read 3 => Hold { block: Index },
        /// Drops a handle.
        6 "let_go" Read 3 => LetGo { index: Index },
        /// Reads a block that was at an address before.
        7 "read_old" Read 3 => ReadOld { index: Index },
        /// Lets up to `count` I/Os complete.
        8 "step" Structure 8 => Step { count: Steps },
        /// Lets all I/Os complete.
        9 "settle" Structure 4 => Settle,
        /// Releases up to `count` blocks, beginning with `block`.
        10 "release" Remove 10 => Release { block: Index, count: Count },
        /// Makes the last checkpoint durable, and writes the next.
        11 "checkpoint" Structure 7 => Checkpoint,
        /// Makes the last checkpoint durable.
        12 "durable" Structure 5 => Durable,
        /// Writes a checkpoint, and loses power at one of its I/Os.
        13 "crash_at_checkpoint" Structure 4 => CrashAtCheckpoint { io: Io },
        /// Loses power and opens the store. Power may be lost again at an I/O of the opening.
        14 "crash" Structure 3 => Crash { io: Io },
        /// Ends the process and opens the store again.
        15 "reopen" Structure 3 => Reopen,
        /// Causes a fault at a later I/O.
        16 "fault" Structure 5 => Fault { kind: Kind, io: Io },
        /// Writes until only `left` more blocks can be reserved.
        17 "fill" Run 1 => Fill { left: Index },
        /// Releases every `step`-th block.
        18 "release_each" Run 1 => ReleaseEach { step: Count },
        /// Begins to flush the writes.
        19 "flush" Structure 2 => Flush,
    }
}

table_number! {
    /// How many blocks; one by default.
    pub Count: u32 = [1, 2, 3, 4, 6, 8]
}

table_number! {
    /// Bytes of a body, limited to the space in a block; 100 by default.
    pub Size: u32 = [100, 1, 8, 64, 65, 127, 128, 191, 192, 193, 448]
}

table_number! {
    /// The index of an object, modulo the number of objects; or how many blocks are left. 0 by
    /// default.
    pub Index: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 63]
}

table_number! {
    /// How many I/Os; one by default.
    pub Steps: u32 = [1, 2, 3, 4, 6, 8, 12]
}

table_number! {
    /// Whether a read uses the cache: 0 it does, 1 it bypasses the cache.
    pub Cache: u32 = [0, 1]
}

table_number! {
    /// The kind of fault, by number.
    pub Kind: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
}

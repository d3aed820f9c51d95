//! The target `grid`: what an input can say. What must come of it is a [`Store`](crate::store::Store).

use crate::device::{FAULT_NAMES, Io, ORDER_NAMES};
use crate::{operations, table_number};

operations! {
    // A block of 128 bytes has room for eight words of an encoded free set: of 600 blocks it can take two.
    settings [
        /// Bytes of a sector; those of a block, if that is smaller.
        SECTOR: "geometry" "sector" = Numbers(&[128, 64, 256]),
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 128]),
        /// Blocks.
        BLOCKS: "geometry" "blocks" = Numbers(&[32, 16, 64, 600]),
        /// Copies of the superblock.
        COPIES: "geometry" "copies" = Numbers(&[4, 2, 6, 8]),
        /// Sets of the cache, of two blocks each.
        CACHE_SETS: "memory" "cache" = Numbers(&[2, 1, 4]),
        /// Blocks in memory beside those of the cache.
        PRIVATE: "memory" "private" = Numbers(&[4, 1, 8]),
        /// Reads and writes of the device at once.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 4]),
        /// Which I/O completes next.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// How much may be wrong at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// What chance does.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a store of blocks.
    pub enum Operation {
        /// Begins to write up to `count` new blocks of one reservation, each with a body of `size`.
        0 "write" Write 24 => Write { count: Count, size: Size },
        /// Begins to write blocks of two reservations in turn.
        1 "write_in_turn" Write 4 => WriteInTurn { first: Count, second: Count },
        /// Reads a block, and waits for it.
        2 "read" Read 14 => Read { block: Index, caching: Cache },
        /// Asks for up to `count` blocks from one on, and does not wait.
        3 "ask" Read 10 => Ask { block: Index, count: Count, caching: Cache },
        /// Gives up on one who waits.
        4 "forget" Read 2 => Forget { index: Index },
        /// Reads a block and keeps it.
        5 "hold" Read 3 => Hold { block: Index },
        /// Lets go of a block that is kept.
        6 "let_go" Read 3 => LetGo { index: Index },
        /// Reads what was at an address before.
        7 "read_old" Read 3 => ReadOld { index: Index },
        /// Lets up to `count` I/Os complete.
        8 "step" Structure 8 => Step { count: Steps },
        /// Lets all I/Os complete.
        9 "settle" Structure 4 => Settle,
        /// Releases up to `count` blocks, from one on.
        10 "release" Remove 10 => Release { block: Index, count: Count },
        /// Makes the last checkpoint durable, and writes the next.
        11 "checkpoint" Structure 7 => Checkpoint,
        /// Makes the last checkpoint durable.
        12 "durable" Structure 5 => Durable,
        /// Writes a checkpoint; the power goes at an I/O of it.
        13 "crash_at_checkpoint" Structure 4 => CrashAtCheckpoint { io: Io },
        /// The power goes; the store is opened, and the power may go at an I/O of that, too.
        14 "crash" Structure 3 => Crash { io: Io },
        /// The process ends, and the store is opened again.
        15 "reopen" Structure 3 => Reopen,
        /// Something goes wrong at a later I/O.
        16 "fault" Structure 5 => Fault { kind: Kind, io: Io },
        /// Writes until only `left` more blocks can be had.
        17 "fill" Run 1 => Fill { left: Index },
        /// Releases every `step`-th block.
        18 "release_each" Run 1 => ReleaseEach { step: Count },
        /// Begins to make durable what is written.
        19 "flush" Structure 2 => Flush,
    }
}

table_number! {
    /// How many; one when missing.
    pub Count: u32 = [1, 2, 3, 4, 6, 8]
}

table_number! {
    /// Bytes of a body: cut to what a block has room for.
    pub Size: u32 = [100, 1, 8, 64, 65, 127, 128, 191, 192, 193, 448]
}

table_number! {
    /// Which of those that there are, going round.
    pub Index: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 63]
}

table_number! {
    /// How many I/Os; one when missing.
    pub Steps: u32 = [1, 2, 3, 4, 6, 8, 12]
}

table_number! {
    /// Whether the cache is used: 0 it is, 1 it is passed by.
    pub Cache: u32 = [0, 1]
}

table_number! {
    /// What goes wrong, by number.
    pub Kind: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
}

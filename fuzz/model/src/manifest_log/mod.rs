//! The target `manifest_log`: what an input can say, and what must come of it ([`Log`], over a
//! [`Store`](crate::store::Store) of blocks).

mod counts;
mod entry;
mod log;
mod number;
mod pace;
mod sizes;
mod state;
mod table;

pub use crate::manifest_level::SNAPSHOT_OPEN;
pub use counts::Counts;
pub use entry::{Entry, Event};
pub use log::Log;
pub use number::Number;
pub use pace::Pace;
pub use sizes::Sizes;
pub use state::{Live, LogBlock};
pub use table::Table;

use crate::device::{FAULT_NAMES, Io, ORDER_NAMES};
use crate::{operations, table_number};

/// Bytes of keys, by index.
pub const WIDTHS: [u32; 3] = [8, 16, 32];

operations! {
    // A block of 512 bytes has room for four entries, one of 256 for one: a few operations fill a log.
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[512, 256, 1024]),
        /// The most tables.
        TABLES: "geometry" "tables" = Numbers(&[16, 8, 40]),
        /// Trees.
        TREES: "geometry" "trees" = Numbers(&[1, 2, 3]),
        /// Bytes of a key of the first tree; the next ones have the next of these.
        WIDTH: "geometry" "width" = Numbers(&WIDTHS),
        /// Levels of a tree.
        LEVELS: "pace" "levels" = Numbers(&[2, 4]),
        /// How many more tables a level has than the one above.
        GROWTH: "pace" "growth" = Numbers(&[1, 2]),
        /// How many more blocks are compacted than filled.
        EXTRA: "pace" "extra" = Numbers(&[2, 1, 8]),
        /// Sets of the cache, of two blocks each.
        CACHE_SETS: "memory" "cache" = Numbers(&[1, 4]),
        /// Reads and writes of the device at once.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1]),
        /// Which I/O completes next.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// How much may be wrong at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// What chance does.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a manifest log.
    pub enum Operation {
        /// Inserts up to `count` tables of a tree at a level.
        0 "insert" Write 20 => Insert { count: Count, tree: Index, level: Index, keys: Keys },
        /// Changes up to `count` tables, from one on.
        1 "update" Write 14 => Update { table: Index, count: Count, change: Change },
        /// Removes up to `count` tables, from one on.
        2 "remove" Remove 12 => Remove { table: Index, count: Count, address: Address },
        /// Does what a compaction does: `count` tables get their last snapshot, as many others come, they go.
        3 "replace" Write 9 => Replace { table: Index, count: Count, keys: Keys },
        /// A table goes, and another one comes to its address, `count` times.
        4 "again" Run 3 => Again { table: Index, count: Count },
        /// Ends the half-bar; begins one before if there is none.
        5 "end" Structure 12 => End,
        /// Begins a half-bar, and does not wait for it.
        6 "begin" Structure 5 => Begin,
        /// So many half-bars in which nothing is appended.
        7 "half_bars" Run 3 => HalfBars { count: Count },
        /// Changes tables until only `left` more entries may be appended in this half-bar.
        8 "fill" Run 4 => Fill { left: Index },
        /// So many half-bars in which as much is appended as may be.
        9 "fill_half_bars" Run 2 => FillHalfBars { count: Count },
        /// Lets up to `count` I/Os complete.
        10 "step" Structure 6 => Step { count: Count },
        /// Lets all I/Os complete.
        11 "settle" Structure 2 => Settle,
        /// Ends the half-bar, makes the last checkpoint durable, and writes the next.
        12 "checkpoint" Structure 8 => Checkpoint,
        /// Makes the last checkpoint durable.
        13 "durable" Structure 4 => Durable,
        /// Writes a checkpoint; the power goes at an I/O of it.
        14 "crash_at_checkpoint" Structure 4 => CrashAtCheckpoint { io: Io },
        /// The power goes; the store is opened, and the power may go at an I/O of that, too.
        15 "crash" Structure 3 => Crash { io: Io },
        /// The power goes at a later I/O.
        16 "power_loss" Structure 3 => PowerLoss { io: Io },
        /// The process ends, and the store is opened again.
        17 "reopen" Structure 3 => Reopen,
        /// Something goes wrong at a later I/O.
        18 "fault" Structure 4 => Fault { kind: Kind, io: Io },
        /// Somebody else takes memory of up to `count` blocks.
        19 "hold" Structure 2 => Hold { count: Count },
        /// He gives it back.
        20 "let_go" Structure 2 => LetGo,
    }
}

table_number! {
    /// How many; one when missing.
    pub Count: u32 = [1, 2, 3, 4, 6, 8, 12]
}

table_number! {
    /// Which of those that there are, going round; and how many are left.
    pub Index: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 39]
}

table_number! {
    /// From where to where the keys of a table are: near to each other, the smallest alone, the largest alone,
    /// all of them, one, those above the lower half of the bits, and wherever.
    pub Keys: u32 = [0, 1, 2, 3, 4, 5, 6]
}

table_number! {
    /// What becomes of a table: it gets a last snapshot, it is at the next level, or both.
    pub Change: u32 = [0, 1, 2]
}

table_number! {
    /// What becomes of the address of a table that goes: it is released, or it is another table's soon.
    pub Address: u32 = [0, 1]
}

table_number! {
    /// What goes wrong, by number.
    pub Kind: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

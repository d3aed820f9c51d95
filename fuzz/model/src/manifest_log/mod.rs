//! The target `manifest_log`: what an input can say, and what must come of it ([`Log`], over a
//! [`Store`](crate::store::Store) of blocks).

mod log;
mod pace;
mod table;

pub use log::{Counts, Live, Log, LogBlock, Sizes};
pub use pace::Pace;
pub use table::{Entry, Event, Number, SNAPSHOT_OPEN, Table};

use crate::encoding::input::setting;
use crate::encoding::{Choices, Setting};
use crate::{operations, table_number};

/// Bytes of a block.
pub const BLOCK: usize = setting::FIRST_OWN;
/// The most tables.
pub const TABLES: usize = BLOCK + 1;
/// Trees.
pub const TREES: usize = TABLES + 1;
/// Bytes of a key of the first tree; the next ones have the next of these.
pub const WIDTH: usize = TREES + 1;
/// Levels of a tree.
pub const LEVELS: usize = WIDTH + 1;
/// How many more tables a level has than the one above.
pub const GROWTH: usize = LEVELS + 1;
/// How many more blocks are compacted than filled.
pub const EXTRA: usize = GROWTH + 1;
/// Sets of the cache, of two blocks each.
pub const CACHE_SETS: usize = EXTRA + 1;
/// Reads and writes of the device at once.
pub const IN_FLIGHT: usize = CACHE_SETS + 1;
/// Which I/O completes next.
pub const ORDER: usize = IN_FLIGHT + 1;
/// How much may be wrong at once.
pub const FAULTS: usize = ORDER + 1;
/// What chance does.
pub const SCHEDULE: usize = FAULTS + 1;

/// Bytes of keys, by index.
pub const WIDTHS: [u32; 3] = [8, 16, 32];

operations! {
    // A block of 512 bytes has room for four entries, one of 256 for one: a few operations fill a log.
    settings [
        Setting { line: "geometry", name: "block", choices: Choices::Numbers(&[512, 256, 1024]) },
        Setting { line: "geometry", name: "tables", choices: Choices::Numbers(&[16, 8, 40]) },
        Setting { line: "geometry", name: "trees", choices: Choices::Numbers(&[1, 2, 3]) },
        Setting { line: "geometry", name: "width", choices: Choices::Numbers(&WIDTHS) },
        Setting { line: "pace", name: "levels", choices: Choices::Numbers(&[2, 4]) },
        Setting { line: "pace", name: "growth", choices: Choices::Numbers(&[1, 2]) },
        Setting { line: "pace", name: "extra", choices: Choices::Numbers(&[2, 1, 8]) },
        Setting { line: "memory", name: "cache", choices: Choices::Numbers(&[1, 4]) },
        Setting { line: "io", name: "in_flight", choices: Choices::Numbers(&[2, 1]) },
        Setting { line: "io", name: "order", choices: Choices::Words(&crate::grid::ORDER_NAMES) },
        Setting { line: "faults", name: "", choices: Choices::Words(&crate::grid::FAULT_NAMES) },
        Setting { line: "schedule", name: "", choices: Choices::Byte },
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
    /// Which I/O from now; none when missing.
    pub Io: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24]
}

table_number! {
    /// What goes wrong, by number.
    pub Kind: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

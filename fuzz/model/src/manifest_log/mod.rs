//! The target `manifest_log`: its settings and operations, and what it must do ([`Log`], over a
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

use downbeat_input::device::{FAULT_NAMES, Io, ORDER_NAMES};
use downbeat_input::{operations, table_number};

/// The sizes of keys in bytes.
pub const WIDTHS: [u32; 3] = [8, 16, 32];

operations! {
    // Small on purpose: a block of 512 bytes has room for four entries and one of 256 for one, so a
    // few operations fill a log.
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[512, 256, 1024]),
        /// The maximum number of tables.
        TABLES: "geometry" "tables" = Numbers(&[16, 8, 40]),
        /// Trees that share the log.
        TREES: "geometry" "trees" = Numbers(&[1, 2, 3]),
        /// Bytes of a key of the first tree; the next trees have the next widths of [`WIDTHS`].
        WIDTH: "geometry" "width" = Numbers(&WIDTHS),
        /// Levels of a tree.
        LEVELS: "pace" "levels" = Numbers(&[2, 4]),
        /// The growth factor: how many times as many tables a level has as the level above it.
        GROWTH: "pace" "growth" = Numbers(&[1, 2]),
        /// How many more blocks a half-bar compacts than it fills.
        EXTRA: "pace" "extra" = Numbers(&[2, 1, 8]),
        /// Sets of the cache, with two blocks each.
        CACHE_SETS: "memory" "cache" = Numbers(&[1, 4]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a manifest log.
    pub enum Operation {
        /// Inserts up to `count` tables of a tree at a level.
        0 "insert" Write 20 => Insert { count: Count, tree: Index, level: Index, keys: Keys },
        /// Changes up to `count` tables, beginning with `table`.
        1 "update" Write 14 => Update { table: Index, count: Count, change: Change },
        /// Removes up to `count` tables, beginning with `table`.
        2 "remove" Remove 12 => Remove { table: Index, count: Count, address: Address },
        /// Logs what a compaction logs: `count` tables get a last snapshot, as many new tables are
        /// inserted, and the old tables are removed.
        3 "replace" Write 9 => Replace { table: Index, count: Count, keys: Keys },
        /// Removes a table and inserts another at its address, `count` times.
        4 "again" Run 3 => Again { table: Index, count: Count },
        /// Ends the half-bar; if none is under way, begins one first.
        5 "end" Structure 12 => End,
        /// Begins a half-bar and does not wait for it.
        6 "begin" Structure 5 => Begin,
        /// Runs `count` half-bars in which nothing is appended.
        7 "half_bars" Run 3 => HalfBars { count: Count },
        /// Changes tables until only `left` more entries may be appended in this half-bar.
        8 "fill" Run 4 => Fill { left: Index },
        /// Runs `count` half-bars in which as much is appended as allowed.
        9 "fill_half_bars" Run 2 => FillHalfBars { count: Count },
        /// Lets up to `count` I/Os complete.
        10 "step" Structure 6 => Step { count: Count },
        /// Lets all I/Os complete.
        11 "settle" Structure 2 => Settle,
        /// Ends the half-bar, makes the last checkpoint durable, and writes the next.
        12 "checkpoint" Structure 8 => Checkpoint,
        /// Makes the last checkpoint durable.
        13 "durable" Structure 4 => Durable,
        /// Writes a checkpoint, and loses power at one of its I/Os.
        14 "crash_at_checkpoint" Structure 4 => CrashAtCheckpoint { io: Io },
        /// Loses power and opens the store. Power may be lost again at an I/O of the opening.
        15 "crash" Structure 3 => Crash { io: Io },
        /// Loses power at a later I/O.
        16 "power_loss" Structure 3 => PowerLoss { io: Io },
        /// Ends the process and opens the store again.
        17 "reopen" Structure 3 => Reopen,
        /// Causes a fault at a later I/O.
        18 "fault" Structure 4 => Fault { kind: Kind, io: Io },
        /// Takes memory of up to `count` blocks away from the log.
        19 "hold" Structure 2 => Hold { count: Count },
        /// Gives the memory back.
        20 "let_go" Structure 2 => LetGo,
    }
}

table_number! {
    /// How many tables, half-bars, blocks or I/Os; one by default.
    pub Count: u32 = [1, 2, 3, 4, 6, 8, 12]
}

table_number! {
    /// The index of an object, modulo the number of objects; or how many entries are left. 0 by
    /// default.
    pub Index: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 39]
}

table_number! {
    /// The key range of a table: 0 near those of other tables, 1 only the smallest key, 2 only the
    /// largest, 3 all keys, 4 any one key, 5 a range whose ends differ only above the lower half of
    /// the bits, 6 any range.
    pub Keys: u32 = [0, 1, 2, 3, 4, 5, 6]
}

table_number! {
    /// What changes: 0 the table gets a last snapshot, 1 it moves to the next level, 2 both.
    pub Change: u32 = [0, 1, 2]
}

table_number! {
    /// The fate of the address of a removed table: 0 it is released, 1 it is kept for another
    /// table.
    pub Address: u32 = [0, 1]
}

table_number! {
    /// The kind of fault, by number.
    pub Kind: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

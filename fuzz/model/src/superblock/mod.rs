//! The target `superblock`: its settings and operations, and what it must do ([`Model`]).

mod expected;
mod model;
mod numbers;
mod state;
mod written;

pub use expected::{Expected, Opened};
pub use model::Model;
pub use state::{Chain, State};
pub use written::Written;

use downbeat_input::{operations, table_number};

operations! {
    settings [
        /// Copies of the superblock.
        COPIES: "geometry" "copies" = Numbers(&[4, 2, 6, 8]),
        /// Bytes of a sector.
        SECTOR: "geometry" "sector" = Numbers(&[128, 64, 256, 512]),
        /// The order in which I/O completes; an index into the orders of the simulated disk.
        ORDER: "order" = Words(&["submission", "reversed", "reads_first", "writes_first", "chance"]),
        /// How much may go wrong: 0 only crashes, 1 faults that the copies must tolerate, 2
        /// anything.
        FAULTS: "faults" = Words(&["none", "within", "beyond"]),
        /// What the superblock is stored on: 0 the simulated disk, 1 a file on it.
        STORAGE: "storage" = Words(&["disk", "file"]),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a superblock and its device. Operations that begin a checkpoint or damage
    /// an intact store first complete the checkpoint under way.
    pub enum Operation {
        /// Takes a whole checkpoint.
        0 "checkpoint" Write 12 => Checkpoint { shape: Shape, beats: Beats },
        /// Begins a checkpoint.
        1 "begin" Write 30 => Begin { shape: Shape, beats: Beats },
        /// Does `count` I/Os of the checkpoint under way; if there is none, begins one.
        2 "step" Write 56 => Step { count: Steps },
        /// Loses power now, then `times` times after `io` I/Os of the opening; then opens.
        3 "crash" Structure 13 => Crash { io: Io, times: Times },
        /// Begins a checkpoint, does `io` I/Os of it, loses power and opens.
        4 "crash_at" Structure 10 => CrashAt { io: Io, shape: Shape },
        /// Restarts the process without a loss of power, then loses power `times` times after `io`
        /// I/Os of the opening; then opens. If power is lost and faults are allowed, a read of that
        /// opening may fail at random, too.
        5 "restart" Structure 9 => Restart { io: Io, times: Times },
        /// Completes the checkpoint under way, restarts the process and opens.
        6 "reopen" Scope 4 => Reopen,
        /// Arms a fault, which strikes at the `nth` I/O from now that it can strike.
        7 "arm" Scope 24 => Arm { fault: Fault, nth: Nth, access: Access },
        /// Damages a sector of a copy.
        8 "damage" Remove 14 => Damage { copy: CopyNumber, damage: Harm },
        /// Gives a copy the content of another copy.
        9 "misplace" Remove 4 => Misplace { copy: CopyNumber, from: CopyNumber },
        /// Gives a copy the content that it had before the last checkpoint, or `age` checkpoints
        /// before that.
        10 "revert" Remove 4 => Revert { copy: CopyNumber, age: Age },
        /// Takes a checkpoint. At a random half of its I/Os, copies the device, and opens the copy
        /// after a loss of power.
        11 "crash_everywhere" Run 1 => CrashEverywhere { shape: Shape },
        /// Takes `count` checkpoints.
        12 "checkpoints" Run 1 => Checkpoints { count: Few },
        /// Formats the device again, and loses power after `io` I/Os of the formatting, if it has
        /// that many.
        13 "format" Run 2 => Format { io: Io },
    }
}

table_number! {
    /// The parts of a checkpoint, as a sum: 1 acquired blocks, 2 released blocks, 4 a manifest of
    /// one block, 8 a manifest of several blocks; 11 by default.
    pub Shape: u32 = [11, 0, 1, 2, 3, 4, 7, 8]
}

table_number! {
    /// How many beats a checkpoint is above the last one; one by default.
    pub Beats: u64 = [1, 2, 63, 0x100, 0x1_0000_0000, 0x100_0000_0000]
}

table_number! {
    /// How many I/Os of a checkpoint; one by default.
    pub Steps: u32 = [1, 2, 3, 4, 5, 6, 8, 10, 16]
}

table_number! {
    /// After how many I/Os power is lost; immediately by default.
    pub Io: u64 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 30, 32, 36, 40]
}

table_number! {
    /// How often power is lost while a store is opened; never by default.
    pub Times: u32 = [0, 1, 2]
}

table_number! {
    /// At which I/O from now on a fault strikes; at the next by default.
    pub Nth: u64 = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24]
}

table_number! {
    /// Which fault: 0 the I/O fails; 1 it is lost; 2 it goes to another copy; 3 to a block; 4 to 7
    /// it leaves a sector with a flipped bit, zeroed, garbled or unreadable; 8 power is lost after
    /// it.
    pub Fault: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8]
}

table_number! {
    /// Which I/Os a fault strikes: 0 any, 1 reads, 2 writes, 3 flushes.
    pub Access: u32 = [0, 1, 2, 3]
}

table_number! {
    /// Which copy, modulo the number of copies.
    pub CopyNumber: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

table_number! {
    /// What is wrong with a sector: 0 a flipped bit, 1 zeroed, 2 garbled, 3 unreadable.
    pub Harm: u32 = [0, 1, 2, 3]
}

table_number! {
    /// How many checkpoints before the last but one; 0 by default.
    pub Age: u32 = [0, 1, 2]
}

table_number! {
    /// How many checkpoints in a row; two by default.
    pub Few: u32 = [2, 3, 4]
}

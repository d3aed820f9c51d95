//! The target `superblock`: what an input can say, and what must come of it ([`Model`]).

mod expected;
mod model;
mod numbers;
mod state;
mod written;

pub use expected::{Expected, Opened};
pub use model::Model;
pub use state::{Chain, State};
pub use written::Written;

use crate::{operations, table_number};

operations! {
    settings [
        /// Copies of the superblock.
        COPIES: "geometry" "copies" = Numbers(&[4, 2, 6, 8]),
        /// Bytes of a sector.
        SECTOR: "geometry" "sector" = Numbers(&[128, 64, 256, 512]),
        /// Which I/O completes next; an index into the orders of the simulated disk.
        ORDER: "order" = Words(&["submission", "reversed", "reads_first", "writes_first", "chance"]),
        /// How much may go wrong: 0 nothing but crashes, 1 what the copies must bear, 2 anything.
        FAULTS: "faults" = Words(&["none", "within", "beyond"]),
        /// What the superblock sees: 0 the simulated disk, 1 a file on it.
        STORAGE: "storage" = Words(&["disk", "file"]),
        /// What chance decides.
        SCHEDULE: "schedule" = Byte,
    ];

    /// One operation on a superblock and the device under it. Those that begin a checkpoint or damage
    /// a sound store bring the checkpoint under way to its end first.
    pub enum Operation {
        /// Takes a checkpoint, from the beginning to the end.
        0 "checkpoint" Write 12 => Checkpoint { shape: Shape, beats: Beats },
        /// Begins a checkpoint.
        1 "begin" Write 30 => Begin { shape: Shape, beats: Beats },
        /// Does `count` I/Os of the checkpoint under way; begins one, if there is none.
        2 "step" Write 56 => Step { count: Steps },
        /// Loses power now, and power again behind `io` I/Os of the opening, `times` times; then opens.
        3 "crash" Structure 13 => Crash { io: Io, times: Times },
        /// Begins a checkpoint, does `io` I/Os of it, loses power and opens.
        4 "crash_at" Structure 10 => CrashAt { io: Io, shape: Shape },
        /// Starts the process again, with the power on; loses power behind `io` I/Os of the opening, `times` times;
        /// then opens. Where power goes and there may be faults, chance decides whether a read of that opening fails,
        /// too.
        5 "restart" Structure 9 => Restart { io: Io, times: Times },
        /// Ends the checkpoint under way, starts the process again and opens.
        6 "reopen" Scope 4 => Reopen,
        /// From now on, a fault waits for the `nth` I/O that it can strike.
        7 "arm" Scope 24 => Arm { fault: Fault, nth: Nth, access: Access },
        /// Damages a sector of a copy.
        8 "damage" Remove 14 => Damage { copy: CopyNumber, damage: Harm },
        /// Lets a copy read as another does.
        9 "misplace" Remove 4 => Misplace { copy: CopyNumber, from: CopyNumber },
        /// Lets a copy read as it did before the last checkpoint, or `age` before that.
        10 "revert" Remove 4 => Revert { copy: CopyNumber, age: Age },
        /// Takes a checkpoint; behind half of its I/Os, a copy of the device loses power and is opened.
        11 "crash_everywhere" Run 1 => CrashEverywhere { shape: Shape },
        /// Takes `count` checkpoints.
        12 "checkpoints" Run 1 => Checkpoints { count: Few },
        /// Formats the device anew, and loses power behind `io` I/Os of that, if it has so many.
        13 "format" Run 2 => Format { io: Io },
    }
}

table_number! {
    /// Which parts a checkpoint has: 1 acquired blocks, 2 released blocks, 4 a manifest of one block, 8 one of
    /// several; all but the one when missing.
    pub Shape: u32 = [11, 0, 1, 2, 3, 4, 7, 8]
}

table_number! {
    /// How many beats a checkpoint is above the last one; one when missing.
    pub Beats: u64 = [1, 2, 63, 0x100, 0x1_0000_0000, 0x100_0000_0000]
}

table_number! {
    /// How many I/Os of a checkpoint; one when missing.
    pub Steps: u32 = [1, 2, 3, 4, 5, 6, 8, 10, 16]
}

table_number! {
    /// Behind how many I/Os the power goes; at once when missing.
    pub Io: u64 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 30, 32, 36, 40]
}

table_number! {
    /// How often power goes while a store is opened; never when missing.
    pub Times: u32 = [0, 1, 2]
}

table_number! {
    /// At which I/O from now a fault strikes; at the next when missing.
    pub Nth: u64 = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24]
}

table_number! {
    /// Which fault: 0 the I/O fails, 1 it is lost, 2 it goes to another copy, 3 to a block, 4 to 7 it leaves a
    /// sector with a flipped bit, zeroed, garbled or unreadable, 8 the power goes behind it.
    pub Fault: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8]
}

table_number! {
    /// Which I/Os a fault strikes: 0 any, 1 reads, 2 writes, 3 flushes.
    pub Access: u32 = [0, 1, 2, 3]
}

table_number! {
    /// Which copy, modulo how many there are.
    pub CopyNumber: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

table_number! {
    /// What is wrong with a sector: 0 a flipped bit, 1 zeroed, 2 garbled, 3 unreadable.
    pub Harm: u32 = [0, 1, 2, 3]
}

table_number! {
    /// How many checkpoints before the last but one; none when missing.
    pub Age: u32 = [0, 1, 2]
}

table_number! {
    /// How many checkpoints in a row; two when missing.
    pub Few: u32 = [2, 3, 4]
}

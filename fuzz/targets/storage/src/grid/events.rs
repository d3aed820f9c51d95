//! Events of a run: what the disk does, what the grid and the superblock count, and what the world
//! does.

use downbeat_lsm::grid::GridStatistics;
use downbeat_lsm::superblock::SuperblockStatistics;

use downbeat::disk::{Counts, Outcome};

downbeat::events! {
    /// What the disk did.
    pub(super) fn disk(counts: &Counts) for outcome in Outcome::ALL {
        Outcome::NAMES[outcome as usize] => counts.of(outcome)
    }

    /// What the grid has counted since it was opened.
    pub(super) fn grid(GridStatistics) {
        "read from the cache" => read_from_cache,
        "read from a pending write" => read_from_writes,
        "read joined another read" => reads_joined,
        "read from the device" => read_from_device,
        "read gave wrong bytes" => reads_corrupt,
        "read failed" => reads_failed,
        "read had to wait" => reads_queued,
        "block written" => written,
        "write had to wait" => writes_queued,
        "flush" => flushes,
        "write or flush failed" => failed,
        "cached block evicted" => evicted,
        "cached block replaced" => replaced,
        "reservation refused" => refused_for_want_of_blocks,
        "checkpoint" => checkpoints,
        // The world reads blocks that are free, so it gives no space back.
        _ => discarded,
        _ => discards,
        _ => discards_failed,
    }

    /// What the superblock has counted since it was opened.
    pub(super) fn superblock(SuperblockStatistics) {
        "superblock repaired" => repaired,
        "superblock rewritten" => rewritten,
        "copy of the superblock unreadable" => unreadable,
        "superblock opened" => opens,
        // The grid also counts checkpoints, so they are not an event here.
        _ => checkpoints,
    }

    /// What the world counts.
    pub(super) enum Event {
        OpenedAcknowledged "opened at the last checkpoint",
        OpenedUnderWay "opened at the checkpoint under way",
        OpeningCrashed "power lost while opening",
        OpeningFailed "opening failed and was tried again",
        FormattedAnew "store damaged beyond repair and formatted again",
        CheckpointCrashed "power lost during a checkpoint",
        CheckpointFailed "checkpoint failed",
        CheckpointFull "checkpoint found no free blocks",
        WriteRefused "write refused after a failure",
        MemoryAwaited "write waited for memory",
        OldFound "old block found at a reused address",
        OldRefused "old block not found",
        Reused "address of an old block reused",
        RetriedRead "failed read was tried again",
        HeldBeyondCache "block still held after the cache evicted it",
        Forgotten "read forgotten",
    }
}

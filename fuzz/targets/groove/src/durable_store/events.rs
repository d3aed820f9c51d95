//! Events of a run.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_storage_targets::store::in_all_levels;

crate::two_disks::events_with_faults! {
    {
        MachineFailed "write failed by a fault of the tree's disk",
        LogFailed "write failed by a fault of the log's disk",
        ReadFailed "read failed by a fault",
        ReadAfterFailure "read of a store that refuses writes",
    }

    /// What the tree has counted since the store was opened.
    pub(super) fn compactions(tree: &CompactionStatistics) {
        "move" => in_all_levels(tree, |level| level.moves),
        "merge" => in_all_levels(tree, |level| level.merges),
    }

    /// What the world counts.
    pub(super) enum Event {
        Batches "batches written by one call",
        CallSplit "batches of a call made durable in parts, because the log had no more room",
        Repeated "batch with a key twice",
        Empty "empty batch",
        TooLarge "batch refused: too large",
        Checkpoint "checkpoint",
        Early "checkpoint announced early",
        CheckpointTaken "checkpoint taken by a call",
        Reopened "opened again",
        Formatted "formatted again by an operation",
        SomeSurvived "batches that were not acknowledged survived",
        TailCut "batches that were not acknowledged were lost",
        Refused "batch refused: the store is full",
        MadeRoom "beats made room for a batch",
        NearlyFull "call split: the store is nearly full",
        MadeRoomBetween "beats made room between the batches of a call",
        RefusedLater "batch of a call refused after others: the store is full",
        GetWithIo "get waited for the device",
        OtherLimit "log with another limit refused",
        OtherLog "log of another store refused",
    }
}

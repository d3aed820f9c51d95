//! Events of a run.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_storage_targets::store::in_all_levels;

crate::two_disks::events_with_faults! {
    {
        MachineFailed "call failed by a fault of the machine's disk",
        LogFailed "call failed by a fault of the log's disk",
        ReadFailed "read failed by a fault",
        DamageReported "damage of a durable request reported",
        GivenUp "opened without requests that the log has lost",
        LastGroupLost "requests lost because the last entries were damaged",
        Unreadable "log with an unreadable sector not opened",
        FormattedAnew "service lost and formatted again",
    }

    /// What the trees of things and of their values have counted since the service was opened.
    pub(super) fn compactions(things: &CompactionStatistics) {
        "move of things" => in_all_levels(things, |level| level.moves),
        "merge of things" => in_all_levels(things, |level| level.merges),
    }

    /// What the world counts.
    pub(super) enum Event {
        Workload "workload done",
        ByHand "requests executed by hand",
        AppendedInJob "request appended to the log while the machine waited",
        GroupSplit "group split because the log had no more room",
        Wrapped "entry at the start of the log's device",
        Forged "request that contains the bytes of an entry of the log",
        TooLong "request refused: too long",
        Idle "beats without requests",
        Wanted "checkpoint requested",
        Checkpoint "checkpoint",
        Early "checkpoint announced early",
        Reopened "opened again",
        SomeSurvived "requests that were not acknowledged survived",
        TailCut "requests that were not acknowledged were lost",
        Full "failed: a tree or the device is full",
        Refused "request refused: the service is full",
        NearlyFull "group split: the service is nearly full",
        FullForGood "formatted again because a tree or the device is full",
        CacheDropped "cache dropped",
        GetWithIo "get waited for the device",
        FindWithIo "search by value waited for the device",
        Range "range read",
        Damaged "entry of the log damaged",
        Swapped "log of another service refused",
        Unknown "request of an unknown operation refused",
        Split "reply of a batch split",
        Numbers "numbers of operations looked up",
        Compared "last checkpoint compared with that of a machine that never crashed",
    }
}

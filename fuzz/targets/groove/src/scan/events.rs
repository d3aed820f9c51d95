//! Events of a run.

use downbeat_lsm::compaction::CompactionStatistics;

downbeat::events! {
    /// What the object tree has counted since the store was opened.
    pub(super) fn compactions(compactions: &CompactionStatistics) {
        "merge of rows" => compactions.levels.iter().map(|level| level.merges).sum::<u64>(),
        "move of rows" => compactions.levels.iter().map(|level| level.moves).sum::<u64>(),
    }

    /// What the world counts.
    pub(super) enum Event {
        Inserted "row inserted",
        Updated "row updated",
        Removed "row removed",
        QueryWithIo "query waited for the device",
        QueryEndedEarly "query ended early",
        Page "page of a query",
        SeekAhead "seek ahead in a query",
        SeekBack "seek back in a query, which is ignored",
        NoIndex "query refused: no index",
        ZeroIsNotIndexed "query refused: zero is not indexed",
        TooManyScans "query refused: too many scans",
        CursorOpened "cursor opened",
        CursorMoved "cursor continued after a write",
        CursorEnded "cursor ended",
        Skipped "intersection read fewer blocks than its common value has",
        Checkpoint "checkpoint",
        Bar "bar",
        Full "read-only: a tree or the device is full",
        CacheDropped "cache dropped",
        Reopened "opened again",
        OtherMemory "opened with other sizes of memory",
    }

    /// What crashes and faults cause.
    pub(super) enum FaultEvent {
        Crash "power lost",
        OpenedLast "opened at the last checkpoint while another was under way",
        OpenedUnderWay "opened at the checkpoint under way",
        OpenedAnew "opened by a new object",
        OpeningFailed "opening failed and was tried again",
        FormattedAnew "store damaged beyond repair and formatted again",
        BeatFailed "beat failed by a fault",
        ReadFailed "read failed by a fault",
        OpenedToWrite "opened again to write",
    }
}

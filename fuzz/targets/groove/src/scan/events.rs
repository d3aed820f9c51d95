//! Events of a run.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_storage_targets::store::in_all_levels;

crate::store::events_with_faults! {
    /// What the object tree has counted since the store was opened.
    pub(super) fn compactions(compactions: &CompactionStatistics) {
        "merge of rows" => in_all_levels(compactions, |level| level.merges),
        "move of rows" => in_all_levels(compactions, |level| level.moves),
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
        Early "checkpoint announced early",
        Bar "bar",
        Full "read-only: a tree or the device is full",
        CacheDropped "cache dropped",
        Reopened "opened again",
        OtherMemory "opened with other sizes of memory",
    }
}

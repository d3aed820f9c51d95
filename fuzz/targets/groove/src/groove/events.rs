//! Events of a run.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_storage_targets::store::in_all_levels;

crate::store::events_with_faults! {
    /// What the object tree of the things has counted since the store was opened.
    pub(super) fn compactions(compactions: &CompactionStatistics) {
        "merge of things" => in_all_levels(compactions, |level| level.merges),
        "move of things" => in_all_levels(compactions, |level| level.moves),
        "two versions of a thing met" => in_all_levels(compactions, |level| level.pairs),
        "removal of a thing dropped" => in_all_levels(compactions, |level| level.tombstones_dropped),
    }

    /// What the world counts.
    pub(super) enum Event {
        Inserted "thing inserted",
        InsertedAgain "thing inserted under the key of a thing that was removed in the same beat",
        Updated "thing updated, with other values in an index",
        UpdatedPlainly "thing updated, with the same values in all indexes",
        Reverted "thing updated to its values before",
        Removed "thing removed",
        TickWritten "tick written",
        Found "prefetch found an object",
        Absent "prefetch found nothing",
        Again "key prefetched again after it was written",
        PrefetchWithIo "prefetch waited for the device",
        QueryWithIo "query waited for the device",
        QueryEndedEarly "query ended early",
        Page "page of a query",
        Seek "seek in a query",
        NoIndex "query refused: no index",
        ZeroIsNotIndexed "query refused: zero is not indexed",
        TooManyScans "query refused: too many scans",
        QueryInScope "query in a scope",
        ScopeForced "scope closed by a beat",
        ScopePersisted "scope persisted",
        ScopeDiscarded "scope discarded",
        Checkpoint "checkpoint",
        Early "checkpoint announced early",
        Bar "bar",
        Full "read-only: a tree or the device is full",
        CacheDropped "cache dropped",
        Reopened "opened again",
        OtherMemory "opened with other sizes of memory",
    }

    /// What happens while a prefetch is under way, and to new objects whose keys are taken.
    pub(super) enum Late {
        Begun "prefetch under way after it began",
        GotMeanwhile "get while a prefetch was under way",
        WrittenMeanwhile "write while a prefetch was under way",
        ScopeMeanwhile "scope opened while a prefetch was under way",
        QueryMeanwhile "query while a prefetch was under way",
        EndedAfterWrite "prefetch ended after a write",
        AbandonedByBeat "prefetch abandoned by a beat",
        Abandoned "prefetch abandoned by the caller",
        EndedByCrash "prefetch under way when the store was closed",
        FailedWaiting "prefetch failed while it was under way",
        TakenTimestamp "timestamp of a new thing is taken",
        TakenCode "code of a new thing is taken",
        TakenPrimary "primary key of a new thing is taken",
        NotTaken "no key of a new thing is taken",
        FailedAfterObjects "query failed after its first object",
        OtherRefused "store refused to open with another type",
    }

    /// What updates do to the derived index of the things.
    pub(super) enum Rank {
        Given "rank given to a thing by an update",
        Taken "rank taken from a thing by an update",
        Changed "rank of a thing changed by an update",
        Kept "rank of a thing kept by an update of its kind or flag",
    }
}

//! Events of a run.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_lsm::manifest_log::ManifestLogStatistics;
use downbeat_storage_targets::store::in_all_levels;

crate::store::events_with_faults! {
    /// What the trees have counted since the store was opened. Of a groove, the object tree counts.
    pub(super) fn compactions(
        narrow: &CompactionStatistics,
        parts: &CompactionStatistics,
        wide: &CompactionStatistics,
        ticks: &CompactionStatistics,
    ) {
        "merge in the narrow tree" => in_all_levels(narrow, |level| level.merges),
        "merge of parts" => in_all_levels(parts, |level| level.merges),
        "merge in the wide tree" => in_all_levels(wide, |level| level.merges),
        "merge of ticks" => in_all_levels(ticks, |level| level.merges),
        "move in a plain tree" =>
            in_all_levels(narrow, |level| level.moves) + in_all_levels(wide, |level| level.moves),
        "move of objects" =>
            in_all_levels(parts, |level| level.moves) + in_all_levels(ticks, |level| level.moves),
    }

    /// What the manifest log has counted since the store was opened.
    pub(super) fn log(log: &ManifestLogStatistics) {
        "block of the log compacted" => log.blocks_compacted,
    }

    /// What the world counts.
    pub(super) enum Event {
        Put "record put",
        Removed "record removed",
        PartInserted "part inserted",
        PartUpdated "part updated",
        PartRemoved "part removed",
        TickWritten "tick written",
        GetWithIo "lookup waited for the device",
        ScanWithIo "scan waited for the device",
        PrefetchWithIo "prefetch waited for the device",
        QueryWithIo "query waited for the device",
        QueryRefused "query refused: zero is not indexed",
        ScopeForced "scope closed by a beat",
        ScopePersisted "scope persisted",
        ScopeDiscarded "scope discarded",
        Checkpoint "checkpoint",
        Early "checkpoint announced early",
        Bar "bar",
        Full "read-only: a tree or the device is full",
        FormattedFull "full store formatted",
        CacheDropped "cache dropped",
        Reopened "opened again",
        OtherMemory "opened with other sizes of memory",
        Repeated "change repeated",
        Compared "bytes compared with a store that never crashed",
        ComparedAgain "bytes compared after the last opening",
        Left "beat left under way while it writes the superblock",
        Impostor "opening as another store refused",
    }
}

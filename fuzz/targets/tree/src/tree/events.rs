//! Events of a run: what the store counts, and what the world does.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_lsm::manifest_log::ManifestLogStatistics;
use downbeat_lsm::table::memory::{ImmutableStatistics, MutableStatistics};
use downbeat_storage_targets::store::in_all_levels;

downbeat::events! {
    /// What the store has counted since it was opened.
    pub(super) fn store(
        compactions: &CompactionStatistics,
        log: &ManifestLogStatistics,
        mutable: &MutableStatistics,
        immutable: &ImmutableStatistics,
    ) {
        "flush deferred" => compactions.flushes_deferred,
        "flush forced by a checkpoint" => compactions.flushes_forced,
        "small neighbour merged, too" => compactions.tables_coalesced,
        "merge" => in_all_levels(compactions, |level| level.merges),
        "move" => in_all_levels(compactions, |level| level.moves),
        "merge without overlap" => in_all_levels(compactions, |level| level.without_overlap),
        "merge without output" => in_all_levels(compactions, |level| level.without_output),
        "two versions met" => in_all_levels(compactions, |level| level.pairs),
        "tombstone dropped" => in_all_levels(compactions, |level| level.tombstones_dropped),
        "full table written" => in_all_levels(compactions, |level| level.tables_full),
        "log block compacted" => log.blocks_compacted,
        "entry of the log kept" => log.entries_kept,
        "old version of the log dropped" => log.versions_dropped,
        "mutable table absorbed" => immutable.absorbs - immutable.absorbs_empty,
        "version superseded within a beat" => mutable.duplicates_dropped,
        "pair vanished within a beat" => mutable.pairs_annihilated,
    }

    /// What the world counts.
    pub(super) enum Event {
        Checkpoint "checkpoint",
        Early "checkpoint announced early",
        Bar "bar",
        ScopeForced "scope closed by a beat",
        ScopeFull "write refused: the scope is full",
        ScopePersisted "scope persisted",
        ScopeDiscarded "scope discarded",
        Reopened "opened again",
        ReopenedEmpty "opened again without a checkpoint",
        DeviceFull "read-only: the device is full",
        WriteRefused "write became a read",
        PutRefused "put refused: the store is full",
        RoomForPut "beats made room for a put",
        RoomForRemoval "beats made room for a removal",
        CacheDropped "cache dropped",
        FromMemory "get answered by memory",
        FromCache "get answered by the cache",
        FromDevice "get read from the device",
        GetsAtOnce "gets at once",
        ScanEndedEarly "scan ended early",
        ScanResumed "scan continued after a page",
        ScanAsked "scan read from the device",
        SeekForwards "seek forwards",
        SeekWithoutEffect "seek without effect",
        FullBlock "value block completely full",
        GetsForgotten "gets abandoned",
        ScanWentOn "scan continued",
        ScanWaits "scan left open while it waits",
        LookupsDropped "tickets of lookups dropped",
        LookupRefused "lookup refused: the maximum is open",
        LookupsOfOneKey "lookups of one key at once",
        StaleLookup "lookup from before an opening refused",
        ScanRefused "scan refused: the maximum is open",
        ScanDropped "ticket of a scan dropped",
        StaleScan "scan from before an opening refused",
        WholeBeat "beat run by the store",
        WholeCheckpoint "checkpoint run by the store",
        BeatOfWrite "beat run by a put, removal or batch",
        Batch "batch written",
        BatchRefused "batch refused: it has too many records",
        OpenedByCall "opened as a new store",
        OtherMemory "opened with other sizes of memory",
        Formatted "formatted while in use",
        PutOff "beat deferred its work",
        Ahead "beat did work ahead",
        AfterReads "beat waited for reads",
        MoreBlocks "opened with more blocks",
        MoreBlocksFull "opened with more blocks while nearly full",
        OtherInterval "opened with another interval",
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
        Left "beat left under way while it writes the superblock",
        LeftForGood "opened again while the superblock was written",
        WriteFailed "read-only: a write between beats failed",
        RangeLost "salvage lost a range",
        SalvageWentOn "salvage went on behind a lost range",
        SalvagedNewer "salvage returned a record of a lost range",
        OpenedToWrite "opened again to write after a fault",
        GivenUp "table given up",
        NothingGivenUp "no table had to be given up",
        GivingUpFailed "giving tables up failed by a fault",
        IndexNotGivenUp "index gave up no table",
        LossUndone "tables that were given up were back after an opening",
        LossDurable "checkpoint without tables that were given up",
    }
}

/// The events of a target without crashes and faults.
pub(crate) const WITHOUT_FAULTS: &[&str] =
    NAMES.split_at(NAMES.len() - (FaultEvent::LossDurable as usize + 1)).0;

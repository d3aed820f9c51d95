//! What is counted of a run: what the store says of itself, and what the world did.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_lsm::manifest_log::ManifestLogStatistics;
use downbeat_lsm::table::memory::{ImmutableStatistics, MutableStatistics};

use downbeat::run::Run;

/// Every event, by number.
pub(crate) const NAMES: &[&str] = &[
    "flush deferred",
    "flush forced by a checkpoint",
    "small table taken along",
    "merge",
    "move",
    "merge without overlap",
    "merge without output",
    "two versions met",
    "tombstone dropped",
    "full table written",
    "log block compacted",
    "entry of the log kept",
    "old version of the log dropped",
    "table in memory absorbed by the other",
    "version superseded within a beat",
    "pair vanished within a beat",
    "checkpoint",
    "bar",
    "scope closed by a beat",
    "scope persisted",
    "scope discarded",
    "opened again",
    "opened again without a checkpoint",
    "read-only: the tree is full",
    "read-only: the device is full",
    "write became a read",
    "cache dropped",
    "get answered by memory",
    "get answered by the cache",
    "get asked the device",
    "gets at once",
    "scan ended early",
    "scan went on behind a page",
    "scan asked the device",
    "seek forwards",
    "seek without effect",
    "value block as full as can be",
    "gets given up",
    "scan went on",
    "scan went on after a write",
    "scan went on after a beat",
    "beat put its work off",
    "beat did work ahead",
];

/// Events that the world counts.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    Checkpoint = 16,
    Bar,
    ScopeForced,
    ScopePersisted,
    ScopeDiscarded,
    Reopened,
    ReopenedEmpty,
    TreeFull,
    DeviceFull,
    WriteRefused,
    CacheDropped,
    FromMemory,
    FromCache,
    FromDevice,
    GetsAtOnce,
    ScanEndedEarly,
    ScanResumed,
    ScanAsked,
    SeekForwards,
    SeekWithoutEffect,
    FullBlock,
    GetsForgotten,
    ScanWentOn,
    WentOnAfterWrite,
    WentOnAfterBeat,
    PutOff,
    Ahead,
}

const _: () = assert!(Event::Ahead as usize + 1 == NAMES.len());

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what the store says since it was as new.
pub(super) fn harvest(
    compactions: &CompactionStatistics,
    log: &ManifestLogStatistics,
    mutable: &MutableStatistics,
    immutable: &ImmutableStatistics,
    run: &mut Run,
) {
    let levels = &compactions.levels;
    let facts = [
        compactions.flushes_deferred,
        compactions.flushes_forced,
        compactions.tables_coalesced,
        levels.iter().map(|level| level.merges).sum(),
        levels.iter().map(|level| level.moves).sum(),
        levels.iter().map(|level| level.without_overlap).sum(),
        levels.iter().map(|level| level.without_output).sum(),
        levels.iter().map(|level| level.pairs).sum(),
        levels.iter().map(|level| level.tombstones_dropped).sum(),
        levels.iter().map(|level| level.tables_full).sum(),
        log.blocks_compacted,
        log.entries_kept,
        log.versions_dropped,
        immutable.absorbs - immutable.absorbs_empty,
        mutable.duplicates_dropped,
        mutable.pairs_annihilated,
    ];
    for (event, count) in facts.into_iter().enumerate() {
        run.event(event, count);
    }
}

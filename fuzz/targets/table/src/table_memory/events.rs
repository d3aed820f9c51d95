//! What is counted of a run.

use downbeat_lsm::table::memory::MutableStatistics;

use downbeat::model::table_memory::Counts;
use downbeat::run::Run;

/// What happened, beside what is counted by the tables.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    PutRemoves,
    RemovePuts,
    BarForced,
    ScopeForced,
    FlushForced,
    Full,
    BeatOfNothing,
    LastBeat,
    TailVanished,
    TableVanished,
    VanishedAtTheEnd,
    CompactionGoesOn,
    CompactionAnew,
    ScanGoesOn,
    ScanResumes,
    ScanEnds,
    SeekBack,
    SeekPastAll,
    TombstoneFound,
    InBothTables,
    Smallest,
    Largest,
    /// The first of those of the tables.
    RunExtended,
}

/// Every event, by number.
pub(super) const NAMES: &[&str] = &[
    "a put becomes a removal",
    "a removal becomes a put",
    "a full table ends the bar",
    "a beat closes the scope",
    "a flush for want of room",
    "a table is full",
    "a beat of nothing",
    "the last beat of a bar",
    "nothing is left of a tail",
    "nothing is left of a table that absorbs another",
    "versions vanish at the end of compaction",
    "compaction goes on",
    "compaction starts anew: the table has changed",
    "a scan goes on",
    "a scan resumes: the table has changed",
    "a scan ends",
    "a seek to where the scan was",
    "a seek past all",
    "a tombstone is found",
    "a key is found in both tables",
    "the smallest key of all",
    "the largest key of all",
    "a run is extended",
    "pieces are joined",
    "pieces are merged",
    "a tail becomes a run",
    "a newer value replaces one of its tail",
    "a pair of its tail vanishes",
    "a put is taken back",
    "tables are swapped",
    "a table is absorbed",
    "an empty table is absorbed",
    "runs become one",
    "a newer value replaces one of an older run",
    "a pair of different runs vanishes",
];

const _: () = assert!(NAMES.len() == Event::RunExtended as usize + 13);

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what the tables and their model counted.
pub(super) fn harvest(mutable: &MutableStatistics, counts: &Counts, run: &mut Run) {
    let facts = [
        counts.runs_extended,
        mutable.pieces_joined,
        mutable.pieces_merged,
        counts.runs_added,
        counts.tail_duplicates,
        counts.tail_pairs,
        counts.puts_discarded,
        counts.swaps,
        counts.absorbs - counts.absorbs_empty,
        counts.absorbs_empty,
        counts.collapses,
        counts.collapse_duplicates,
        counts.collapse_pairs,
    ];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(Event::RunExtended as usize + fact, count);
    }
}

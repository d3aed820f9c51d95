//! Events of a run: what the world does, and what the tables and their model count.

use downbeat_lsm::table::memory::MutableStatistics;

use downbeat_model::table_memory::Counts;

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        PutRemoves "a put becomes a removal",
        RemovePuts "a removal becomes a put",
        BarForced "a full table ends the bar",
        ScopeForced "a beat closes the scope",
        FlushForced "a flush to make room",
        Full "a table is full",
        BeatOfNothing "a beat without records",
        LastBeat "the last beat of a bar",
        TailVanished "nothing is left of a tail",
        TableVanished "nothing is left of a table that absorbs another",
        VanishedAtTheEnd "versions vanish at the end of compaction",
        CompactionGoesOn "compaction continues",
        CompactionAnew "compaction restarts: the table has changed",
        ScanGoesOn "a scan continues",
        ScanResumes "a scan resumes: the table has changed",
        ScanEnds "a scan ends",
        SeekBack "a seek to where the scan was",
        SeekPastAll "a seek past all records",
        TombstoneFound "a tombstone is found",
        InBothTables "a key is found in both tables",
        Smallest "the smallest key of all",
        Largest "the largest key of all",
    }

    /// What the tables and their model have counted.
    pub(super) fn tables(mutable: &MutableStatistics, counts: &Counts) {
        "a run is extended" => counts.runs_extended,
        "pieces are joined" => mutable.pieces_joined,
        "pieces are merged" => mutable.pieces_merged,
        "a tail becomes a run" => counts.runs_added,
        "a newer value replaces one of its tail" => counts.tail_duplicates,
        "a pair of its tail vanishes" => counts.tail_pairs,
        "a put is discarded" => counts.puts_discarded,
        "tables are swapped" => counts.swaps,
        "a table is absorbed" => counts.absorbs - counts.absorbs_empty,
        "an empty table is absorbed" => counts.absorbs_empty,
        "runs become one" => counts.collapses,
        "a newer value replaces one of an older run" => counts.collapse_duplicates,
        "a pair of different runs vanishes" => counts.collapse_pairs,
    }
}

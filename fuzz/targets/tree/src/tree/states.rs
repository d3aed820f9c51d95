//! States of a tree: where versions meet, what happens to tombstones, how full the levels are.

use downbeat_lsm::compaction::CompactionStatistics;
use downbeat_lsm::record::Usage;

use super::faults::is_of_fault;
use super::moment::KINDS;
use downbeat::disk::Outcome;
use downbeat::states::octave;
use downbeat::{Run, StateGroup};

downbeat::states! {
    Met "two versions met in a merge into a level" 7,
    Vanished "a record of an index met its removal in a merge into a level" 7,
    TombstoneDropped "a tombstone was dropped by a merge into a level" 7,
    TombstoneKept "a new table of a level above the last has tombstones" 6,
    Moved "a table moved into a level below the first" 6,
    WithoutOutput "a merge into a level left nothing" 7,
    FullTable "a full table was written to a level" 7,
    Deepest "the deepest level with a table at the end of a bar" 8,
    LevelTables "tables of each level at the end of a bar: none, some, the maximum less one, the maximum; of the seventh level: none, some" 26,
    FoundAt "a get found a record: in the mutable table, in the immutable one, at a level" 9,
    RemovedAt "a get found a tombstone: in the mutable table, in the immutable one, at a level" 9,
    CachedAt "blocks in memory answered a get: at a level, or nowhere" 8,
    PossibleAt "level from which blocks in memory do not answer a get" 7,
    Reads "blocks that a get read" 9,
    Scanned "records of a scan, by octave" 8,
    Deferred "successive bars with a deferred flush" 4,
    Log "blocks of the manifest log at a checkpoint, by octave" 6,
    Runs "runs of the mutable table at a get" 6,
    Tail "records in the tail of the mutable table at a get, by octave" 5,
    ScopeWrites "writes of a scope, by octave" 5,
    LookupsOpen "lookups open at once, less one" 8,
    LookupCrossed "what happened before the answer of an open lookup: nothing, a write, an undone scope, a beat, a checkpoint, an opening" KINDS,
    ScansOpen "scans open at once, less one" 3,
    ScanCrossed "what happened between two calls of an open scan: nothing, a write, an undone scope, a beat, a checkpoint, an opening" KINDS,
    WaitingScanCrossed "what happened while an open scan waited for the device: nothing, a write, an undone scope, a beat, a checkpoint, an opening" KINDS,
    SeekAt "a seek in an open scan, up or down: at its end, to a key behind, beyond its range, ahead: at first, after a record, after a seek; the same after a change" 18,
    EmptyAbove "an opened store has an empty level above a level with tables" 1,
    Fullness "what a bar accepts: all, all but puts soon not, removals, nothing" 4,
    Bars "bars of a run, by octave" 7,
    CrashIn "power was lost: between beats, in a beat, in a beat with a checkpoint, while the superblock was written, while opening" 5,
    CheckpointAtCrash "I/Os from the flush of a checkpoint to the loss of power, less one" 10,
    OpeningAtCrash "I/Os of an opening before power was lost, less one" 12,
    GivenUpAt "a table was given up at a level" 7,
    KeyLost "a key of a table that was given up: keeps its record, has an older one, has none, has one again" 4,
    Disk "what crashes and faults did to the disk" OUTCOMES.len(),
    InMemory "records of the mutable table after an operation, by octave" 18,
    RunsInMemory "runs of the mutable table after an operation, by octave" 10,
    ValueBlocks "value blocks of the largest table, by octave" 10,
    TablesOfLevel "tables of the largest level, by octave" 10,
    InUse "blocks in use by the tree, by octave" 11,
    Cached "cached blocks, by octave" 9,
    Records "records after an operation, by octave" 18,
    DeepestOfLarge "the deepest level of a large tree with a table after an operation" 8,
    Address "all blocks of the tree below 4 GiB, across 4 GiB" 2,
}

/// The outcomes that the group `Disk` marks, by the number of the state.
pub(super) const OUTCOMES: [Outcome; outcomes()] = {
    let mut marked = [Outcome::Crash; outcomes()];
    let (mut number, mut place) = (0, 0);
    while number < Outcome::ALL.len() {
        if is_of_fault(Outcome::ALL[number]) {
            marked[place] = Outcome::ALL[number];
            place += 1;
        }
        number += 1;
    }
    marked
};

/// The number of outcomes that crashes and faults cause.
const fn outcomes() -> usize {
    let (mut number, mut count) = (0, 0);
    while number < Outcome::ALL.len() {
        count += is_of_fault(Outcome::ALL[number]) as usize;
        number += 1;
    }
    count
}

/// The states of a target without crashes and faults.
pub(crate) const WITHOUT_FAULTS: &[StateGroup] = GROUPS.split_at(Place::Bars as usize + 1).0;

/// The states of a target with crashes and faults, and with small sizes.
pub(super) const SMALL: &[StateGroup] = GROUPS.split_at(Place::Disk as usize + 1).0;

/// Marks the work of compactions, by level.
pub(super) fn compactions(compactions: &CompactionStatistics, usage: Usage, run: &mut Run) {
    let met = match usage {
        Usage::General => Met,
        Usage::SecondaryIndex => Vanished,
    };
    for (level, statistics) in compactions.levels.iter().enumerate() {
        for (state, count) in [
            (met, statistics.pairs),
            (TombstoneDropped, statistics.tombstones_dropped),
            (WithoutOutput, statistics.without_output),
            (FullTable, statistics.tables_full),
        ] {
            if count > 0 {
                run.state(state, level);
            }
        }
        if statistics.moves > 0 {
            run.state(Moved, level - 1);
        }
    }
}

/// The level that no history of usual length fills.
const LEVEL_NEVER_FULL: usize = 6;

/// Marks how many tables a level has, of at most `most`.
pub(super) fn level_tables(level: usize, count: u64, most: u64, run: &mut Run) {
    let fill = match count {
        0 => 0,
        // Puts are refused when all tables are two thirds of the seventh level's maximum, or fewer.
        _ if level == LEVEL_NEVER_FULL => 1,
        _ if count == most => 3,
        _ if count + 1 == most => 2,
        _ => 1,
    };
    run.state(LevelTables, 4 * level + fill);
}

/// The octave of a number.
pub(super) fn size(number: usize) -> usize {
    octave(number as u64)
}

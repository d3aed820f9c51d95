//! What is counted of a run: the levels' own statistics, those of their arrays, and what the world
//! did by itself.

use downbeat_lsm::collections::segmented_array;
use downbeat_lsm::manifest::{LevelStatistics, ManifestLevel};

use super::states;
use downbeat::run::Run;
use downbeat::states::State;

/// Every event, by number: first those of the level, of its array of keys, and of its array of tables.
pub(super) const NAMES: &[&str] = &[
    "table inserted",
    "table closed",
    "table removed",
    "table removed while visible",
    "key range lowered",
    "key range raised",
    "keys: append",
    "keys: split",
    "keys: merge",
    "keys: rebalance",
    "keys: node emptied",
    "tables: append",
    "tables: split",
    "tables: merge",
    "tables: rebalance",
    "tables: node emptied",
    "all tables, ascending",
    "all tables, descending",
    "visible tables, ascending",
    "visible tables, descending",
    "closed tables, ascending",
    "closed tables, descending",
    "invisible tables, ascending",
    "invisible tables, descending",
    "table moved",
    "several tables purged at once",
    "level full",
    "level reset",
    "removal for want of room",
    "insertion for want of tables",
    "overlap over its limit",
    "least overlap is zero",
    "least overlap over its limit",
    "closed table inserted",
];

const LEVEL: usize = 0;
const KEYS: usize = 6;
const TABLES: usize = 11;
const ITERATED: usize = 16;

/// Events that the world counts, behind the others.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    Moved = 24,
    PurgedMany,
    LevelFull,
    Reset,
    RemovedForRoom,
    InsertedForWantOfTables,
    OverlapOverLimit,
    LeastOverlapZero,
    LeastOverlapNone,
    ClosedInserted,
}

const _: () = assert!(NAMES.len() == Event::ClosedInserted as usize + 1);

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }

    /// An iterator of this number (twice its visibility, one more descending) gave a table.
    #[inline]
    pub(super) fn iterated(number: usize, run: &mut Run) {
        run.event(ITERATED + number, 1);
    }
}

/// Counts what a level's statistics say since it was as new.
pub(super) fn harvest(level: &ManifestLevel<u64>, run: &mut Run) {
    let LevelStatistics {
        tables_inserted,
        tables_closed,
        tables_removed,
        tables_removed_visible,
        key_range_lowered,
        key_range_raised,
    } = *level.statistics();
    let facts = [
        tables_inserted,
        tables_closed,
        tables_removed,
        tables_removed_visible,
        key_range_lowered,
        key_range_raised,
    ];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(LEVEL + fact, count);
        states::counted(states::CountedByLevel, fact, count, run);
    }
    harvest_nodes(KEYS, states::CountedByKeys, level.keys().statistics(), run);
    harvest_nodes(TABLES, states::CountedByTables, level.table_array().statistics(), run);
}

fn harvest_nodes(
    first: usize,
    state: State,
    statistics: &segmented_array::Statistics,
    run: &mut Run,
) {
    let segmented_array::Statistics {
        nodes_acquired: _,
        nodes_released: _,
        appends,
        splits,
        merges,
        rebalances,
        nodes_emptied,
        // A level clears its arrays as part of a reset, which forgets what was counted.
        nodes_cleared: _,
    } = *statistics;
    let facts = [appends, splits, merges, rebalances, nodes_emptied];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(first + fact, count);
        states::counted(state, fact, count, run);
    }
}

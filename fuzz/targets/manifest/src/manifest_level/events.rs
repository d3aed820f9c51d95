//! Events of a run: what the level and its arrays count, and what the world does.

use downbeat_lsm::collections::segmented_array;
use downbeat_lsm::manifest::{LevelStatistics, ManifestLevel};

use super::states;
use downbeat::Run;

downbeat::events! {
    /// What a level has counted since its reset.
    fn level(LevelStatistics) {
        "table inserted" => tables_inserted,
        "table closed" => tables_closed,
        "table removed" => tables_removed,
        "table removed while visible" => tables_removed_visible,
        "key range lowered" => key_range_lowered,
        "key range raised" => key_range_raised,
    }

    /// What the level's array of keys has counted.
    fn keys(segmented_array::Statistics) {
        "keys: append" => appends,
        "keys: split" => splits,
        "keys: merge" => merges,
        "keys: rebalance" => rebalances,
        "keys: node emptied" => nodes_emptied,
        // A level clears its arrays only in a reset, which also sets this count to zero.
        _ => nodes_cleared,
        _ => nodes_acquired,
        _ => nodes_released,
    }

    /// What the level's array of tables has counted.
    fn tables(segmented_array::Statistics) {
        "tables: append" => appends,
        "tables: split" => splits,
        "tables: merge" => merges,
        "tables: rebalance" => rebalances,
        "tables: node emptied" => nodes_emptied,
        _ => nodes_cleared,
        _ => nodes_acquired,
        _ => nodes_released,
    }

    /// What the world counts.
    pub(super) enum Event {
        AllAscending "all tables, ascending",
        AllDescending "all tables, descending",
        VisibleAscending "visible tables, ascending",
        VisibleDescending "visible tables, descending",
        ClosedAscending "closed tables, ascending",
        ClosedDescending "closed tables, descending",
        InvisibleAscending "invisible tables, ascending",
        InvisibleDescending "invisible tables, descending",
        Moved "table moved",
        PurgedMany "several tables purged at once",
        LevelFull "level full",
        Reset "level reset",
        RemovedForRoom "removal to make room",
        InsertedForWantOfTables "insertion because no table exists",
        OverlapOverLimit "overlap over its limit",
        LeastOverlapZero "least overlap is zero",
        LeastOverlapNone "least overlap over its limit",
        ClosedInserted "closed table inserted",
    }
}

/// Counts the statistics of a level since its reset as events and states of the run.
pub(super) fn harvest(level: &ManifestLevel<u64>, run: &mut Run) {
    let of_level = self::level(level.statistics());
    of_level.count(run);
    of_level.mark(states::CountedByLevel, run);
    let of_keys = keys(level.keys().statistics());
    of_keys.count(run);
    of_keys.mark(states::CountedByKeys, run);
    let of_tables = tables(level.table_array().statistics());
    of_tables.count(run);
    of_tables.mark(states::CountedByTables, run);
}

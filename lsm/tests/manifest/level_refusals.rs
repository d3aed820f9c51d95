//! Calls on a manifest level that panic, and options that are refused with a reason.

use downbeat_lsm::collections::InvalidOptions;
use downbeat_lsm::manifest::{
    KeyRange, ManifestLevel, ManifestLevelOptions, SNAPSHOT_LATEST, SNAPSHOT_OPEN, Visibility,
};

use crate::table::{Table, empty, filled, range, table, table_at};

#[test]
fn a_level_without_room_is_refused() {
    let options = ManifestLevelOptions { table_count_max: 0 };
    let reason = ManifestLevel::<u64>::new(options, 128).expect_err("no room");
    assert_eq!(options.validate(), Err(reason));
    assert_eq!(reason, InvalidOptions::CountMaxZero { option: "table_count_max" });
    assert!(reason.to_string().contains("table_count_max is 0"));
}

#[test]
fn a_level_over_the_limit_is_refused() {
    let count_max = ManifestLevelOptions::TABLE_COUNT_MAX;
    let (option, count) = ("table_count_max", u32::MAX);
    let options = ManifestLevelOptions { table_count_max: count };
    let reason = ManifestLevel::<u64>::new(options, 128).expect_err("too much room");
    assert_eq!(reason, InvalidOptions::CountMaxOverLimit { option, count, count_max });
}

#[test]
fn nodes_for_fewer_than_two_tables_are_refused() {
    let options = ManifestLevelOptions { table_count_max: 8 };
    let reason = ManifestLevel::<u64>::new(options, 112).expect_err("112 < 2 * 60");
    assert_eq!(reason, InvalidOptions::NodeTooSmall { node_size: 112, element_size: 60 });
    assert!(ManifestLevel::<u64>::new(options, 128).is_ok());
}

#[test]
fn nodes_of_no_size_are_refused() {
    let options = ManifestLevelOptions { table_count_max: 8 };
    let reason = ManifestLevel::<u64>::new(options, 0).expect_err("no node");
    assert_eq!(reason, InvalidOptions::NodeSizeZero);
}

#[test]
#[should_panic(expected = "manifest_level: a removed table must equal a table of the level")]
fn removing_a_table_that_is_not_there_panics() {
    let (mut level, mut pool) = filled(&[table(0, 9)]);
    level.remove_table(&mut pool, &table(0, 8));
}

#[test]
#[should_panic(expected = "manifest_level: a removed table must equal a table of the level")]
fn removing_a_table_that_differs_in_its_last_snapshot_panics() {
    let (mut level, mut pool) = filled(&[table(0, 9)]);
    level.remove_table(&mut pool, &Table { snapshot_max: 7, ..table(0, 9) });
}

#[test]
#[should_panic(expected = "manifest_level: a reference ends with the next insert or remove")]
fn a_reference_from_before_an_insert_panics() {
    let (mut level, mut pool) = filled(&[table(0, 9)]);
    let reference = level.find(&table(0, 9)).unwrap();
    level.insert_table(&mut pool, &table(10, 19));
    level.set_snapshot_max(5, reference);
}

#[test]
#[should_panic(expected = "manifest_level: a reference ends with the next insert or remove")]
fn a_reference_from_before_a_reset_panics_even_if_the_same_calls_follow() {
    let (mut level, mut pool) = filled(&[table(0, 9)]);
    let reference = level.find(&table(0, 9)).unwrap();
    level.reset(&mut pool);
    level.insert_table(&mut pool, &table(0, 9));
    let _table = level.table(reference);
}

#[test]
#[should_panic(expected = "manifest_level: a table is replaced once (by snapshot 5, 6)")]
fn closing_a_table_twice_panics() {
    let (mut level, _pool) = filled(&[table(0, 9)]);
    let reference = level.find(&table(0, 9)).unwrap();
    level.set_snapshot_max(5, reference);
    level.set_snapshot_max(6, reference);
}

#[test]
#[should_panic(expected = "manifest_level: a table is replaced by a commit")]
fn closing_a_table_at_the_latest_snapshot_panics() {
    let (mut level, _pool) = filled(&[table(0, 9)]);
    level.set_snapshot_max(SNAPSHOT_LATEST, level.find(&table(0, 9)).unwrap());
}

#[test]
#[should_panic(expected = "manifest_level: a table is visible from its first to its last snapshot")]
fn closing_a_table_before_its_first_snapshot_panics() {
    let (mut level, _pool) = filled(&[table(0, 9)]);
    level.set_snapshot_max(0, level.find(&table(0, 9)).unwrap());
}

#[test]
#[should_panic(expected = "key_range: min must not be above max (9, 0)")]
fn a_table_with_key_min_above_key_max_panics() {
    filled(&[table(9, 0)]);
}

#[test]
#[should_panic(expected = "table_info: snapshot_min must not be above snapshot_max (5, 4)")]
fn a_table_with_snapshot_min_above_snapshot_max_panics() {
    filled(&[table_at(0, 9, (5, 4))]);
}

#[test]
#[should_panic(expected = "table_info: a table must come from a commit")]
fn a_table_from_after_all_beats_panics() {
    filled(&[table_at(0, 9, (SNAPSHOT_LATEST, SNAPSHOT_OPEN))]);
}

#[test]
#[should_panic(
    expected = "table_info: a replaced table must not be visible to the latest snapshot"
)]
fn a_table_replaced_after_all_beats_panics() {
    filled(&[table_at(0, 9, (1, SNAPSHOT_LATEST))]);
}

#[test]
#[should_panic(expected = "segmented_array: the array is full (element_count_max 2")]
fn a_full_level_panics() {
    let (mut level, mut pool) = empty(128, 2);
    for n in 0..3 {
        level.insert_table(&mut pool, &table(n * 10, n * 10 + 9));
    }
}

#[test]
#[should_panic(expected = "manifest_level: an overlap has at most 16 tables (limit 17)")]
fn an_overlap_of_more_tables_than_it_can_hold_panics() {
    let _overlap = filled(&[]).0.tables_overlapping(range(0, 1), SNAPSHOT_LATEST, 17);
}

#[test]
#[should_panic(expected = "manifest_level: a table can be chosen only if there is a visible one")]
fn choosing_from_a_level_without_visible_tables_panics() {
    let (level, _pool) = filled(&[table_at(0, 9, (1, 2))]);
    let _least = level.table_with_least_overlap(&level, SNAPSHOT_LATEST, 4);
}

#[test]
#[should_panic(expected = "key_range: min must not be above max")]
fn a_range_with_min_above_max_panics() {
    let (level, _pool) = filled(&[table(0, 9)]);
    let crossed = KeyRange { min: 5, max: 4 };
    let direction = downbeat_lsm::collections::Direction::Ascending;
    let _tables = level.tables(Visibility::Any, direction, Some(crossed));
}

#[cfg(feature = "verify")]
#[test]
#[should_panic(expected = "manifest_level: tables that a snapshot sees must not overlap")]
fn a_table_that_overlaps_another_one_panics() {
    filled(&[table_at(0, 9, (1, 5)), table_at(9, 20, (5, SNAPSHOT_OPEN))]);
}

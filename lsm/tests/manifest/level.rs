//! Tests of a manifest level.

use downbeat_lsm::collections::{Direction, NodePool, NodePoolOptions};
use downbeat_lsm::manifest::{
    ManifestLevel, ManifestLevelOptions, OVERLAP_MAX, SNAPSHOT_LATEST, SNAPSHOT_OPEN, TableInfo,
    Visibility,
};

use crate::table::{Table, all, filled, listed, range, table, table_at};

const ASCENDING: Direction = Direction::Ascending;
const DESCENDING: Direction = Direction::Descending;

/// The smallest key of the next table.
fn next(
    level: &ManifestLevel<u64>,
    range_of: (u64, u64),
    key_exclusive: Option<u64>,
    direction: Direction,
) -> Option<u64> {
    let range = range(range_of.0, range_of.1);
    let found = level.next_table(SNAPSHOT_LATEST, range, key_exclusive, direction);
    found.map(|found| found.table.key_min)
}

#[test]
fn tables_lie_in_the_order_of_keys_then_of_snapshots() {
    let tables = [
        table_at(30, 39, (1, 4)),
        table_at(32, 39, (5, SNAPSHOT_OPEN)),
        table(0, 9),
        table(10, 19),
    ];
    let (level, _pool) = filled(&tables);
    assert_eq!(all(&level), [tables[2], tables[3], tables[0], tables[1]]);
}

#[test]
fn the_tables_that_the_latest_snapshot_sees_are_counted_and_have_a_key_range() {
    let (mut level, mut pool) = filled(&[]);
    assert_eq!((level.key_range_latest(), level.table_count()), (None, 0));
    level.insert_table(&mut pool, &table(10, 19));
    level.insert_table(&mut pool, &table(30, 39));
    level.insert_table(&mut pool, &table_at(50, 59, (1, 2)));
    assert_eq!(level.key_range_latest(), Some(range(10, 39)));
    assert_eq!((level.table_count(), level.table_count_visible()), (3, 2));
    assert_eq!(level.value_count_visible(), 20);
    assert_eq!(level.table_count_max(), 64);
}

#[test]
fn a_closed_table_is_invisible_to_the_latest_snapshot_and_stays() {
    let (mut level, _pool) = filled(&[table(10, 19), table(30, 39), table(50, 59)]);
    let first = level.find(&table(10, 19)).unwrap();
    level.set_snapshot_max(7, first);
    assert_eq!(level.key_range_latest(), Some(range(30, 59)));
    // References stay valid.
    assert_eq!(level.table(first), &Table { snapshot_max: 7, ..table(10, 19) });
    level.set_snapshot_max(7, level.find(&table(50, 59)).unwrap());
    assert_eq!(level.key_range_latest(), Some(range(30, 39)));
    level.set_snapshot_max(7, level.find(&table(30, 39)).unwrap());
    assert_eq!(level.key_range_latest(), None);
    assert_eq!((level.table_count(), level.table_count_visible()), (3, 0));
    assert_eq!(level.value_count_visible(), 0);
    assert_eq!(level.statistics().tables_closed, 3);
    level.verify();
}

#[test]
fn the_key_range_shrinks_to_visible_tables() {
    let closed = table_at(60, 69, (1, 5));
    let (mut level, mut pool) = filled(&[table(10, 19), closed, table(70, 79)]);
    level.remove_table(&mut pool, &table(70, 79));
    assert_eq!(level.key_range_latest(), Some(range(10, 19)));
    level.verify();
}

#[test]
fn removing_an_inner_table_keeps_the_key_range() {
    let (mut level, mut pool) = filled(&[table(10, 19), table(30, 39), table(50, 59)]);
    level.remove_table(&mut pool, &table(30, 39));
    assert_eq!(level.key_range_latest(), Some(range(10, 59)));
    assert_eq!(level.statistics().key_range_raised, 0);
    assert_eq!(level.statistics().key_range_lowered, 0);
    level.verify();
}

#[test]
fn removal_distinguishes_tables_with_the_same_largest_key() {
    let versions =
        [(1, 4), (5, 6), (7, 9), (10, SNAPSHOT_OPEN)].map(|snapshots| table_at(0, 9, snapshots));
    for removed in 0..versions.len() {
        let (mut level, mut pool) = filled(&versions);
        level.remove_table(&mut pool, &versions[removed]);
        let mut left = versions.to_vec();
        left.remove(removed);
        assert_eq!(all(&level), left);
        level.verify();
    }
}

#[test]
fn a_table_is_found_after_its_last_snapshot_was_set() {
    let (mut level, _pool) = filled(&[table_at(0, 9, (1, 4)), table_at(3, 9, (5, SNAPSHOT_OPEN))]);
    let open = table_at(3, 9, (5, SNAPSHOT_OPEN));
    let reference = level.find(&open).unwrap();
    level.set_snapshot_max(8, reference);
    assert_eq!(level.find(&open), Some(reference));
    assert_eq!(level.find(&Table { checksum: 1, ..open }), None);
    assert_eq!(level.find(&Table { address: 1, ..open }), None);
    assert_eq!(level.find(&Table { snapshot_min: 6, ..open }), None);
    assert_eq!(level.find(&Table { key_max: 8, ..open }), None);
}

#[test]
fn the_generation_changes_only_when_tables_move() {
    let (mut level, mut pool) = filled(&[]);
    let mut generations = vec![level.generation()];
    level.insert_table(&mut pool, &table(0, 9));
    generations.push(level.generation());
    level.set_snapshot_max(5, level.find(&table(0, 9)).unwrap());
    assert_eq!(generations.last(), Some(&level.generation()));
    level.remove_invisible_tables(&mut pool, &[], None, |_| {});
    generations.push(level.generation());
    level.reset(&mut pool);
    generations.push(level.generation());
    generations.dedup();
    assert_eq!(generations.len(), 4);
}

#[test]
fn a_reset_level_is_empty_and_has_released_all_nodes() {
    let (mut level, mut pool) = filled(&[table(0, 9), table_at(10, 19, (1, 2))]);
    level.reset(&mut pool);
    pool.assert_all_free();
    level.verify();
    assert_eq!(all(&level), []);
    assert_eq!(level.key_range_latest(), None);
    assert_eq!(*level.statistics(), Default::default());
    level.insert_table(&mut pool, &table(0, 9));
    assert_eq!(level.value_count_visible(), 10);
}

#[test]
fn tables_that_touch_a_range_are_given_in_both_directions() {
    let (level, _pool) = filled(&[table(10, 19), table(20, 29), table(40, 49), table(60, 69)]);
    let visible = Visibility::Visible(SNAPSHOT_LATEST);
    let expected = [table(20, 29), table(40, 49)];
    for (min, max) in [(20, 40), (29, 49), (25, 45), (29, 59), (20, 59)] {
        assert_eq!(listed(&level, visible, ASCENDING, Some(range(min, max))), expected);
        let mut descending = listed(&level, visible, DESCENDING, Some(range(min, max)));
        descending.reverse();
        assert_eq!(descending, expected);
    }
    for (min, max) in [(0, 9), (30, 39), (50, 59), (70, 99)] {
        for direction in [ASCENDING, DESCENDING] {
            assert_eq!(listed(&level, visible, direction, Some(range(min, max))), []);
        }
    }
}

#[test]
fn a_snapshot_sees_a_wide_table_after_an_invisible_table() {
    // The first table that ends at 65 or above is invisible to snapshot 3.
    let tables = [
        table_at(0, 50, (1, 4)),
        table_at(0, 70, (5, SNAPSHOT_OPEN)),
        table_at(60, 100, (1, 4)),
        table_at(71, 100, (5, SNAPSHOT_OPEN)),
    ];
    let (level, _pool) = filled(&tables);
    let visible = Visibility::Visible(3);
    let descending = listed(&level, visible, DESCENDING, Some(range(40, 65)));
    assert_eq!(descending, [tables[2], tables[0]]);
    let ascending = listed(&level, visible, ASCENDING, Some(range(40, 65)));
    assert_eq!(ascending, [tables[0], tables[2]]);
}

#[test]
fn invisible_tables_that_overlap_each_other_are_all_given() {
    let tables = [
        table_at(10, 20, (1, 2)),
        table_at(12, 30, (3, 4)),
        table_at(40, 45, (1, 2)),
        table_at(0, 90, (5, 6)),
    ];
    let (level, _pool) = filled(&tables);
    for visibility in [Visibility::Invisible(&[]), Visibility::Any] {
        let expected = [tables[0], tables[1], tables[3]];
        assert_eq!(listed(&level, visibility, ASCENDING, Some(range(15, 16))), expected);
        let mut descending = listed(&level, visibility, DESCENDING, Some(range(15, 16)));
        descending.reverse();
        assert_eq!(descending, expected);
    }
}

#[test]
fn next_table_visits_tables_in_order() {
    let (level, _pool) = filled(&[table(10, 19), table(20, 29), table(40, 49)]);
    assert_eq!(next(&level, (0, 99), None, ASCENDING), Some(10));
    assert_eq!(next(&level, (0, 99), Some(19), ASCENDING), Some(20));
    assert_eq!(next(&level, (0, 99), Some(29), ASCENDING), Some(40));
    assert_eq!(next(&level, (0, 99), Some(49), ASCENDING), None);
    assert_eq!(next(&level, (0, 99), None, DESCENDING), Some(40));
    assert_eq!(next(&level, (0, 99), Some(40), DESCENDING), Some(20));
    assert_eq!(next(&level, (0, 99), Some(20), DESCENDING), Some(10));
    assert_eq!(next(&level, (0, 99), Some(10), DESCENDING), None);
}

#[test]
fn the_next_table_lies_wholly_beyond_the_key() {
    let (level, _pool) = filled(&[table(10, 19), table(20, 29)]);
    assert_eq!(next(&level, (0, 99), Some(10), ASCENDING), Some(20));
    assert_eq!(next(&level, (0, 99), Some(9), ASCENDING), Some(10));
    assert_eq!(next(&level, (0, 99), Some(29), DESCENDING), Some(10));
    assert_eq!(next(&level, (0, 99), Some(30), DESCENDING), Some(20));
}

#[test]
fn the_key_may_be_at_the_ends_of_the_range_or_beyond() {
    let (level, _pool) = filled(&[table(10, 19), table(20, 29)]);
    assert_eq!(next(&level, (10, 20), Some(20), ASCENDING), None);
    assert_eq!(next(&level, (10, 20), Some(99), ASCENDING), None);
    assert_eq!(next(&level, (15, 20), Some(0), ASCENDING), Some(10));
    assert_eq!(next(&level, (10, 20), Some(10), DESCENDING), None);
    assert_eq!(next(&level, (10, 20), Some(0), DESCENDING), None);
    assert_eq!(next(&level, (10, 20), Some(99), DESCENDING), Some(20));
}

#[test]
fn the_extreme_keys_are_ordinary_keys() {
    let (level, _pool) = filled(&[table(0, 0), table(1, u64::MAX - 1), table(u64::MAX, u64::MAX)]);
    let ends = (0, u64::MAX);
    assert_eq!(next(&level, ends, Some(0), ASCENDING), Some(1));
    assert_eq!(next(&level, ends, Some(u64::MAX - 1), ASCENDING), Some(u64::MAX));
    assert_eq!(next(&level, ends, Some(u64::MAX), ASCENDING), None);
    assert_eq!(next(&level, ends, Some(u64::MAX), DESCENDING), Some(1));
    assert_eq!(next(&level, ends, Some(0), DESCENDING), None);
}

#[test]
fn an_overlap_is_widened_to_contain_its_tables() {
    let (level, _pool) = filled(&[table(10, 19), table(30, 39), table(50, 59)]);
    let overlap = level.tables_overlapping(range(15, 32), SNAPSHOT_LATEST, 2).unwrap();
    assert_eq!(overlap.range, range(10, 39));
    let tables = overlap.tables.iter().map(|&reference| *level.table(reference));
    assert!(tables.eq([table(10, 19), table(30, 39)]));

    let inside = level.tables_overlapping(range(31, 32), SNAPSHOT_LATEST, 1).unwrap();
    assert_eq!(inside.range, range(30, 39));
    let none = level.tables_overlapping(range(20, 29), SNAPSHOT_LATEST, 0).unwrap();
    assert_eq!((none.range, none.tables.len()), (range(20, 29), 0));
}

#[test]
fn an_overlap_over_the_limit_is_none() {
    let tables: Vec<_> = (0..17).map(|n| table(n * 10, n * 10 + 9)).collect();
    let (level, _pool) = filled(&tables);
    let overlap = |max, limit| level.tables_overlapping(range(0, max), SNAPSHOT_LATEST, limit);
    assert_eq!(overlap(159, OVERLAP_MAX).unwrap().tables.len(), 16);
    assert_eq!(overlap(160, OVERLAP_MAX), None);
    assert_eq!(overlap(19, 1), None);
    assert_eq!(overlap(0, 0), None);
}

#[test]
fn of_several_tables_with_the_least_overlap_the_first_is_chosen() {
    let (a, _pool_a) = filled(&[table(0, 9), table(10, 19), table(20, 29), table(30, 39)]);
    let (b, _pool_b) =
        filled(&[table(0, 4), table(6, 8), table(15, 16), table(18, 24), table(32, 50)]);
    let least = a.table_with_least_overlap(&b, SNAPSHOT_LATEST, 8).unwrap();
    assert_eq!(a.table(least.table), &table(20, 29));
    assert_eq!(least.overlap.range, range(18, 29));
    assert!(least.overlap.tables.iter().map(|&t| *b.table(t)).eq([table(18, 24)]));
    assert_eq!(a.table_with_least_overlap(&b, SNAPSHOT_LATEST, 0), None);
}

#[test]
fn the_tables_of_an_overlap_are_compared_walked_and_printed_as_a_list() {
    let (a, _pool_a) = filled(&[table(0, 9), table(20, 29)]);
    let (b, _pool_b) = filled(&[table(0, 4), table(18, 24), table(26, 27), table(32, 50)]);
    let tables = a.table_with_least_overlap(&b, SNAPSHOT_LATEST, 8).unwrap().overlap.tables;
    let again = a.table_with_least_overlap(&b, SNAPSHOT_LATEST, 1).unwrap().overlap.tables;
    assert_eq!(tables, again);
    let mut walked = 0;
    for reference in &tables {
        assert_eq!(b.table(*reference), &table(0, 4));
        walked += 1;
    }
    assert_eq!(walked, 1);
    assert_eq!(format!("{tables:?}"), format!("[{:?}]", tables[0]));
}

#[test]
fn a_table_is_chosen_when_the_other_level_is_empty() {
    let (a, _pool_a) = filled(&[table(5, 9), table(10, 19)]);
    let (b, _pool_b) = filled(&[]);
    let least = a.table_with_least_overlap(&b, SNAPSHOT_LATEST, 0).unwrap();
    assert_eq!(a.table(least.table), &table(5, 9));
    assert_eq!((least.overlap.range, least.overlap.tables.len()), (range(5, 9), 0));
}

#[test]
fn closed_tables_do_not_count_as_overlap() {
    let (a, _pool_a) = filled(&[table_at(0, 4, (1, 5)), table(5, 9), table(10, 19)]);
    let (b, _pool_b) = filled(&[table_at(10, 12, (1, 5)), table(6, 7)]);
    let least = a.table_with_least_overlap(&b, SNAPSHOT_LATEST, 8).unwrap();
    assert_eq!(a.table(least.table), &table(10, 19));
    assert_eq!(least.overlap.tables.len(), 0);
}

#[test]
fn invisible_tables_of_a_range_are_removed_and_reported_descending() {
    let tables = [
        table_at(0, 9, (1, 5)),
        table_at(20, 29, (1, 5)),
        table_at(15, 29, (6, 7)),
        table(30, 39),
        table_at(40, 49, (8, 9)),
        table_at(60, 69, (1, 5)),
    ];
    let (mut level, mut pool) = filled(&tables);
    let mut removed = Vec::new();
    level.remove_invisible_tables(&mut pool, &[9], Some(range(9, 45)), |table| {
        removed.push(*table);
    });
    assert_eq!(removed, [tables[2], tables[1], tables[0]]);
    assert_eq!(all(&level), [tables[3], tables[4], tables[5]]);
    level.verify();

    level.remove_invisible_tables(&mut pool, &[], None, |table| removed.push(*table));
    assert_eq!(removed[3..], [tables[5], tables[4]]);
    assert_eq!(all(&level), [tables[3]]);
    assert_eq!(level.statistics().tables_removed, 5);
    level.verify();
}

#[test]
fn levels_of_one_pool_release_all_nodes() {
    let options = ManifestLevelOptions { table_count_max: 8 };
    let mut pool = NodePool::new(NodePoolOptions { node_size: 128, node_count: 16 }).unwrap();
    let mut levels: Vec<_> =
        (0..2).map(|_| ManifestLevel::<u64>::new(options, pool.node_size()).unwrap()).collect();
    for n in 0..8 {
        for level in &mut levels {
            level.insert_table(&mut pool, &table(n * 10, n * 10 + 9));
        }
    }
    for n in 0..8 {
        for level in &mut levels {
            level.remove_table(&mut pool, &table(n * 10, n * 10 + 9));
            level.verify();
        }
    }
    pool.assert_all_free();
}

#[test]
fn keys_may_be_bytes() {
    let options = ManifestLevelOptions { table_count_max: 4 };
    let mut level = ManifestLevel::<[u8; 3]>::new(options, 128).unwrap();
    let mut pool = NodePool::new(NodePoolOptions { node_size: 128, node_count: 4 }).unwrap();
    for (key_min, key_max) in [(*b"cat", *b"dog"), (*b"ant", *b"bee")] {
        level.insert_table(
            &mut pool,
            &TableInfo {
                key_min,
                key_max,
                checksum: 1,
                address: 2,
                snapshot_min: 3,
                snapshot_max: SNAPSHOT_OPEN,
                value_count: 4,
            },
        );
    }
    let latest = Visibility::Visible(SNAPSHOT_LATEST);
    let keys = level.tables(latest, ASCENDING, None).map(|found| found.table.key_min);
    assert!(keys.eq([*b"ant", *b"cat"]));
    level.verify();
}

//! A manifest level against a plain list of tables, over random runs.
//!
//! Snapshots rise by one with every step, as beats do. A table is replaced by closing it and
//! inserting others from the next snapshot on. So the tables that one snapshot sees are disjoint,
//! while tables of different snapshots overlap in every way.

use downbeat_lsm::collections::{Direction, NodePool};
use downbeat_lsm::manifest::{KeyRange, ManifestLevel, SNAPSHOT_LATEST, SNAPSHOT_OPEN, Visibility};

use crate::random::Random;
use crate::table::{Table, empty, listed, range};

/// The number of keys. It is small, so that tables often begin or end at the same key.
const KEYS: u64 = 64;

const TABLE_COUNT_MAX: u32 = 48;

struct Run {
    level: ManifestLevel<u64>,
    pool: NodePool,
    /// All tables, in the order of the level.
    model: Vec<Table>,
    snapshot: u64,
    random: Random,
}

impl Run {
    fn key_range(&mut self) -> KeyRange<u64> {
        let (a, b) = (self.random.below(KEYS), self.random.below(KEYS));
        range(a.min(b), a.max(b))
    }

    fn step(&mut self) {
        self.snapshot += 1;
        match self.random.below(20) {
            0..10 => self.insert(),
            10..13 => self.close(),
            13..15 => self.remove(),
            15..17 => self.remove_invisible(),
            _ => self.replace_range(),
        }
        self.level.verify();
        self.compare();
    }

    fn insert(&mut self) {
        let key_min = self.random.below(KEYS);
        let key_max = (key_min + self.random.below(9)).min(KEYS - 1);
        let table = Table {
            key_min,
            key_max,
            checksum: u128::from(self.snapshot) << 100,
            address: self.snapshot,
            snapshot_min: self.snapshot,
            snapshot_max: SNAPSHOT_OPEN,
            value_count: 1 + self.random.below_u32(100),
        };
        let is_free = !self
            .model
            .iter()
            .any(|other| other.is_visible(SNAPSHOT_LATEST) && other.overlaps(&table.key_range()));
        if is_free && self.level.table_count() < TABLE_COUNT_MAX {
            self.level.insert_table(&mut self.pool, &table);
            let key = |table: &Table| (table.key_max, table.snapshot_min);
            let position = self.model.partition_point(|other| key(other) < key(&table));
            self.model.insert(position, table);
            assert!(self.level.find(&table).is_some());
        }
    }

    fn pick(&mut self, is_wanted: impl Fn(&Table) -> bool) -> Option<usize> {
        let positions: Vec<usize> =
            (0..self.model.len()).filter(|&position| is_wanted(&self.model[position])).collect();
        let count = positions.len() as u64;
        (count > 0).then(|| positions[self.random.below(count) as usize])
    }

    fn close(&mut self) {
        let Some(position) = self.pick(|table| table.is_visible(SNAPSHOT_LATEST)) else { return };
        self.close_at(position, self.snapshot);
    }

    fn close_at(&mut self, position: usize, snapshot: u64) {
        let table = &mut self.model[position];
        let generation = self.level.generation();
        let reference = self.level.find(table).expect("a table of the model is in the level");
        table.snapshot_max = snapshot;
        self.level.set_snapshot_max(snapshot, reference);
        assert_eq!(self.level.generation(), generation);
        assert_eq!(self.level.find(table), Some(reference));
    }

    fn remove(&mut self) {
        let Some(position) = self.pick(|_| true) else { return };
        let table = self.model.remove(position);
        self.level.remove_table(&mut self.pool, &table);
        assert_eq!(self.level.find(&table), None);
    }

    fn remove_invisible(&mut self) {
        let range = self.key_range();
        let range = [None, Some(range)][self.random.below(2) as usize];
        let snapshots = [self.random.below(self.snapshot), self.random.below(self.snapshot)];
        let snapshots = &snapshots[..self.random.below(3) as usize];
        let is_removed = |table: &Table| {
            table.is_invisible(snapshots) && range.is_none_or(|range| table.overlaps(&range))
        };
        let mut expected: Vec<Table> = self.model.iter().copied().filter(is_removed).collect();
        expected.reverse();
        let mut removed = Vec::new();
        let push = |table: &Table| removed.push(*table);
        self.level.remove_invisible_tables(&mut self.pool, snapshots, range, push);
        assert_eq!(removed, expected);
        self.model.retain(|table| !is_removed(table));
    }

    /// Closes the tables that overlap a range, and inserts others in their place, as a compaction
    /// does.
    fn replace_range(&mut self) {
        let range = self.key_range();
        let positions: Vec<usize> = (0..self.model.len())
            .filter(|&n| {
                self.model[n].is_visible(SNAPSHOT_LATEST) && self.model[n].overlaps(&range)
            })
            .collect();
        for position in positions {
            self.close_at(position, self.snapshot);
        }
        self.snapshot += 1;
        self.insert();
    }

    fn compare(&mut self) {
        self.compare_counts();
        let range = self.key_range();
        let snapshot = self.random.below(self.snapshot + 1);
        for range in [None, Some(range), Some(KeyRange { max: range.min, ..range })] {
            for visibility in [
                Visibility::Any,
                Visibility::Visible(SNAPSHOT_LATEST),
                Visibility::Visible(snapshot),
                Visibility::Invisible(&[]),
                Visibility::Invisible(&[snapshot]),
            ] {
                self.compare_tables(visibility, range);
            }
        }
        for snapshot in [SNAPSHOT_LATEST, snapshot] {
            self.compare_next(snapshot, range);
            self.compare_overlap(snapshot, range);
        }
    }

    fn compare_counts(&self) {
        let visible: Vec<_> =
            self.model.iter().filter(|table| table.is_visible(SNAPSHOT_LATEST)).collect();
        assert_eq!(self.level.table_count() as usize, self.model.len());
        assert_eq!(self.level.table_count_visible() as usize, visible.len());
        let value_count = visible.iter().map(|table| u64::from(table.value_count)).sum::<u64>();
        assert_eq!(self.level.value_count_visible(), value_count);
        let min = visible.iter().map(|table| table.key_min).min();
        let max = visible.iter().map(|table| table.key_max).max();
        let range = min.zip(max).map(|(min, max)| range(min, max));
        assert_eq!(self.level.key_range_latest(), range);
    }

    fn compare_tables(&self, visibility: Visibility<'_>, range: Option<KeyRange<u64>>) {
        let is_wanted = |table: &&Table| {
            let is_wanted = match visibility {
                Visibility::Any => true,
                Visibility::Visible(snapshot) => table.is_visible(snapshot),
                Visibility::Invisible(snapshots) => table.is_invisible(snapshots),
            };
            is_wanted && range.is_none_or(|range| table.overlaps(&range))
        };
        let mut expected: Vec<Table> = self.model.iter().filter(is_wanted).copied().collect();
        let ascending = listed(&self.level, visibility, Direction::Ascending, range);
        assert_eq!(ascending, expected, "{visibility:?} {range:?}");
        expected.reverse();
        let descending = listed(&self.level, visibility, Direction::Descending, range);
        assert_eq!(descending, expected, "{visibility:?} {range:?}");
    }

    fn compare_next(&mut self, snapshot: u64, range: KeyRange<u64>) {
        let key = self.random.below(KEYS);
        for key_exclusive in [None, Some(key), Some(range.min), Some(range.max)] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let is_wanted = |table: &&Table| {
                    let is_beyond = key_exclusive.is_none_or(|key| match direction {
                        Direction::Ascending => table.key_min > key,
                        Direction::Descending => table.key_max < key,
                    });
                    table.is_visible(snapshot) && table.overlaps(&range) && is_beyond
                };
                let expected = match direction {
                    Direction::Ascending => self.model.iter().find(is_wanted),
                    Direction::Descending => self.model.iter().rev().find(is_wanted),
                };
                let found = self.level.next_table(snapshot, range, key_exclusive, direction);
                let found = found.map(|found| found.table);
                assert_eq!(found, expected, "{snapshot} {range:?} {key_exclusive:?} {direction:?}");
            }
        }
    }

    fn compare_overlap(&mut self, snapshot: u64, range: KeyRange<u64>) {
        let limit = self.random.below(9) as usize;
        let (expected_range, expected) = overlap(&self.model, snapshot, range);
        let found = self.level.tables_overlapping(range, snapshot, limit);
        assert_eq!(found.is_some(), expected.len() <= limit);
        let Some(found) = found else { return };
        assert_eq!(found.range, expected_range);
        let tables = found.tables.iter().map(|&reference| *self.level.table(reference));
        assert!(tables.eq(expected));
    }
}

fn overlap(model: &[Table], snapshot: u64, range: KeyRange<u64>) -> (KeyRange<u64>, Vec<Table>) {
    let is_overlapping = |table: &&Table| table.is_visible(snapshot) && table.overlaps(&range);
    let tables: Vec<Table> = model.iter().filter(is_overlapping).copied().collect();
    let widened = tables.iter().fold(range, |range, table| range.union(&table.key_range()));
    (widened, tables)
}

fn compare_least_overlap(a: &mut Run, b: &Run) {
    if a.level.table_count_visible() == 0 {
        return;
    }
    let limit = a.random.below(5) as usize;
    let snapshot = SNAPSHOT_LATEST;
    // `min_by_key` returns the first of equal minima.
    let expected = a
        .model
        .iter()
        .filter(|table| table.is_visible(snapshot))
        .map(|table| (table, overlap(&b.model, snapshot, table.key_range())))
        .min_by_key(|(_, (_, tables))| tables.len())
        .filter(|(_, (_, tables))| tables.len() <= limit);
    let found = a.level.table_with_least_overlap(&b.level, snapshot, limit);
    assert_eq!(found.is_some(), expected.is_some());
    if let (Some(found), Some((table, (range, tables)))) = (found, expected) {
        assert_eq!(a.level.table(found.table), table);
        assert_eq!(found.overlap.range, range);
        let found_tables = found.overlap.tables.iter().map(|&t| *b.level.table(t));
        assert!(found_tables.eq(tables));
    }
}

/// Runs of two levels, in nodes of this size.
fn run(node_size: usize) {
    let mut runs = [1, 2].map(|seed| {
        let (level, pool) = empty(node_size, TABLE_COUNT_MAX);
        Run { level, pool, model: Vec::new(), snapshot: 0, random: Random(seed) }
    });
    for _ in 0..20 {
        for _ in 0..100 {
            let [a, b] = &mut runs;
            a.step();
            b.step();
            compare_least_overlap(a, b);
            compare_least_overlap(b, a);
        }
        for run in &mut runs {
            run.level.reset(&mut run.pool);
            run.pool.assert_all_free();
            run.model.clear();
        }
    }
}

#[test]
fn a_level_equals_a_plain_list_with_two_tables_in_a_node() {
    run(128);
}

#[test]
fn a_level_equals_a_plain_list_with_few_tables_in_a_node() {
    run(256);
}

#[test]
fn a_level_equals_a_plain_list_with_all_tables_in_one_node() {
    run(4096);
}

//! The model of a level: a sorted list of tables. Each answer searches the list.
//!
//! What it expects of a level:
//!
//! * Tables are in the order of their last keys, then of their first snapshots.
//! * Two tables that are visible to the same snapshot do not overlap.
//!
//! A removed table leaves the list immediately.

use super::{SNAPSHOT_LATEST, Table};
use crate::mutation::{Mutation, is_on};

/// The tables of a level.
#[derive(Clone, Debug, Default)]
pub struct Level {
    tables: Vec<Table>,
    generation: u32,
    /// The smallest range that contains every table inserted since the level was new or reset.
    widest: Option<(u64, u64)>,
}

impl Level {
    /// A level without a table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Resets the level to its initial state.
    pub fn clear(&mut self) {
        let Level { tables, generation, widest } = self;
        tables.clear();
        *generation = 0;
        *widest = None;
    }

    /// The tables, in order.
    #[inline]
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// How often tables were added or removed, wrapping around.
    #[inline]
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Sets the generation.
    pub fn start_generation(&mut self, generation: u32) {
        self.generation = generation;
    }

    /// Removes all tables and increments the generation, as `ManifestLevel::reset` does.
    pub fn reset(&mut self) {
        self.tables.clear();
        self.widest = None;
        self.generation = self.generation.wrapping_add(1);
    }

    /// Adds a table. Returns its place.
    pub fn insert(&mut self, table: Table) -> usize {
        let order = |table: &Table| (table.key_max, table.snapshot_min);
        let place = self.tables.partition_point(|other| order(other) < order(&table));
        self.tables.insert(place, table);
        self.generation = self.generation.wrapping_add(1);
        let (min, max) = self.widest.unwrap_or((table.key_min, table.key_max));
        self.widest = Some((min.min(table.key_min), max.max(table.key_max)));
        place
    }

    /// Closes the table at `place`; `snapshot` is the last one that sees it.
    pub fn close(&mut self, place: usize, snapshot: u64) {
        let last = if is_on(Mutation::ManifestLevelClosesAtOnce) { snapshot - 1 } else { snapshot };
        self.tables[place].snapshot_max = last;
    }

    /// Removes the table at `place`.
    pub fn remove(&mut self, place: usize) -> Table {
        let forgotten = is_on(Mutation::ManifestLevelForgetsGenerations);
        self.generation = self.generation.wrapping_add(u32::from(!forgotten));
        self.tables.remove(place)
    }

    /// The place of the first table that ends at `key` or above; the number of tables if there is
    /// none.
    #[inline]
    #[must_use]
    pub fn place_of_key(&self, key: u64) -> usize {
        self.tables.partition_point(|table| table.key_max < key)
    }

    /// The place of the first table for which `fits` holds. The search begins at the first table
    /// that ends at `key` or above, and wraps around.
    #[must_use]
    pub fn first_from(&self, key: u64, fits: impl Fn(&Table) -> bool) -> Option<usize> {
        let start = self.place_of_key(key);
        let order = (start..self.tables.len()).chain(0..start);
        order.into_iter().find(|place| fits(&self.tables[*place]))
    }

    /// The tables that `snapshot` sees, in order.
    pub fn visible(&self, snapshot: u64) -> impl DoubleEndedIterator<Item = &Table> + Clone {
        self.tables.iter().filter(move |table| table.is_visible(snapshot))
    }

    /// The tables that overlap the keys from `min` to `max` and that `snapshot` sees, in order.
    pub fn overlapping(
        &self,
        min: u64,
        max: u64,
        snapshot: u64,
    ) -> impl Iterator<Item = &Table> + Clone {
        // Tables that end below the range come first. Of the tables that one snapshot sees, those
        // that begin above the range come last.
        let tables = self.tables[self.place_of_key(min)..].iter();
        let visible = tables.filter(move |table| table.is_visible(snapshot));
        let until = visible.take_while(move |table| table.key_min <= max);
        until.filter(move |table| table.overlaps(min, max))
    }

    /// The first and the last key of the open tables.
    #[must_use]
    pub fn key_range_latest(&self) -> Option<(u64, u64)> {
        // No two of them overlap, so they are also in the order of their first keys.
        let min = self.visible(SNAPSHOT_LATEST).next()?.key_min;
        let max = self.visible(SNAPSHOT_LATEST).next_back()?.key_max;
        if is_on(Mutation::ManifestLevelRangeNeverShrinks) {
            return self.widest;
        }
        Some((min, max))
    }

    /// How many tables are open, and how many values these tables have.
    #[must_use]
    pub fn open_counts(&self) -> (u32, u64) {
        self.visible(SNAPSHOT_LATEST).fold((0, 0), |(tables, values), table| {
            let counted = if is_on(Mutation::ManifestLevelCountsShortValues) {
                u64::from(table.value_count as u16)
            } else {
                u64::from(table.value_count)
            };
            (tables + 1, values + counted)
        })
    }

    /// The first range that begins at `key` or above and overlaps no table that `snapshot` sees. It
    /// has at most `width` + 1 keys. `None` if there is no such range.
    #[must_use]
    pub fn free_range(&self, key: u64, width: u64, snapshot: u64) -> Option<(u64, u64)> {
        let mut start = key;
        // Tables that one snapshot sees are also in the order of their first keys.
        for table in &self.tables[self.place_of_key(key)..] {
            if !table.is_visible(snapshot) || table.key_max < start {
                continue;
            }
            if table.key_min > start {
                return Some((start, start.saturating_add(width).min(table.key_min - 1)));
            }
            start = table.key_max.checked_add(1)?;
        }
        Some((start, start.saturating_add(width)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::SNAPSHOT_OPEN;
    use super::*;

    fn table(key_min: u64, key_max: u64, snapshot_min: u64) -> Table {
        let snapshot_max = SNAPSHOT_OPEN;
        let (checksum, address, value_count) = (1, 1, 1);
        Table { key_min, key_max, checksum, address, snapshot_min, snapshot_max, value_count }
    }

    #[test]
    fn a_closed_table_is_visible_up_to_its_last_snapshot_inclusive() {
        let mut level = Level::new();
        let place = level.insert(table(1, 2, 5));
        level.close(place, 7);
        let seen = [4, 5, 7, 8, SNAPSHOT_LATEST].map(|at| level.tables()[0].is_visible(at));
        assert_eq!(seen, [false, true, true, false, false]);
        assert!(!level.tables()[0].is_invisible(&[7]));
        assert!(level.tables()[0].is_invisible(&[8]));
    }

    #[test]
    fn a_free_range_begins_at_the_key_or_after_the_table_that_has_it() {
        let mut level = Level::new();
        level.insert(table(10, 19, 1));
        level.insert(table(20, 29, 1));
        assert_eq!(level.free_range(5, 100, 1), Some((5, 9)));
        assert_eq!(level.free_range(5, 1, 1), Some((5, 6)));
        assert_eq!(level.free_range(12, 1, 1), Some((30, 31)));
        assert_eq!(level.free_range(12, 1, 0), Some((12, 13)));
        level.insert(table(30, u64::MAX, 1));
        assert_eq!(level.free_range(12, 1, 1), None);
    }

    #[test]
    fn the_range_spans_the_open_tables() {
        let mut level = Level::new();
        for key in [10, 20, 30] {
            level.insert(table(key, key + 5, 1));
        }
        assert_eq!(level.key_range_latest(), Some((10, 35)));
        level.close(2, 1);
        assert_eq!(level.key_range_latest(), Some((10, 25)));
        assert_eq!(level.open_counts(), (2, 2));
    }
}

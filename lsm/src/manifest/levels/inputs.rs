//! Chooses the tables that a compaction reads, and decides whether it may drop tombstones.
//!
//! - The choice depends only on the tables: the same tables give the same compaction.
//! - A compaction into a level reads at most one table of the level above, and at most
//!   `growth_factor` tables of the level itself.

use super::coalesce::{Coalescing, CoalescingLimits, coalesce};
use super::{Manifest, table_count_max};
use crate::collections::Direction;
use crate::manifest::level::{LeastOverlap, ManifestLevel, Overlap, TableReferences};
use crate::manifest::{KeyRange, SNAPSHOT_LATEST, TableKey, Visibility};

/// The tables that a compaction of one level into the next reads.
pub type CompactionInputs<K> = LeastOverlap<K>;

/// The tables of level 0 that a flush of the immutable table reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlushInputs<K> {
    /// The tables, and the key range of these tables and of the flush.
    pub overlap: Overlap<K>,
    /// How many of the tables do not overlap the flush. They are read so that small tables are
    /// merged.
    pub coalesced: u32,
}

impl<K: TableKey> Manifest<K> {
    /// The inputs of a compaction out of this level: the table that overlaps the fewest tables of
    /// the level below. `None` if the level has fewer tables than its maximum.
    ///
    /// # Panics
    ///
    /// If the level has more than one table above its maximum, or there is no level below it.
    #[must_use]
    pub fn compaction_inputs(&self, level: u32) -> Option<CompactionInputs<K>> {
        let source = &self.levels[level as usize];
        let most = table_count_max(self.growth_factor, level);
        let count = u64::from(source.table_count_visible());
        assert!(
            count <= most + 1,
            "manifest: level {level} must have at most one table above its {most} ({count})",
        );
        if count < most {
            return None;
        }
        let target = &self.levels[level as usize + 1];
        let limit = self.growth_factor as usize;
        let inputs = source.table_with_least_overlap(target, SNAPSHOT_LATEST, limit);
        assert!(
            inputs.is_some(),
            "manifest: some table of level {level} overlaps {limit} tables of the next or fewer",
        );
        inputs
    }

    /// The inputs of a compaction out of this level that is not due: the table that overlaps the
    /// fewest tables of the level below. `None` if each overlaps more than a compaction may read,
    /// or there is none.
    ///
    /// # Panics
    ///
    /// If there is no level below.
    #[must_use]
    pub fn optional_inputs(&self, level: u32) -> Option<CompactionInputs<K>> {
        let target = &self.levels[level as usize + 1];
        if self.count(level) == 0 {
            return None;
        }
        let limit = self.growth_factor as usize;
        self.levels[level as usize].table_with_least_overlap(target, SNAPSHOT_LATEST, limit)
    }

    /// The inputs of a compaction out of this level that certainly writes at most as many tables as
    /// it reads of the level below, because their records fit: the first such table, with the
    /// tables that it overlaps and, if there is room for its records only in their neighbours, with
    /// those. A table on disk has at most `values_max` values. `None` if there is none.
    ///
    /// # Panics
    ///
    /// If there is no level below.
    #[must_use]
    pub fn inputs_without_growth(
        &self,
        level: u32,
        values_max: u32,
    ) -> Option<CompactionInputs<K>> {
        let (source, below) = (&self.levels[level as usize], level + 1);
        let target = &self.levels[below as usize];
        let limit = self.growth_factor as usize;
        let latest = Visibility::Visible(SNAPSHOT_LATEST);
        source.tables(latest, Direction::Ascending, None).find_map(|found| {
            let values = u64::from(found.table.value_count);
            let mut range = found.table.key_range();
            loop {
                let overlap = target.tables_overlapping(range, SNAPSHOT_LATEST, limit)?;
                if !self.may_grow(below, values, &overlap.tables, values_max) {
                    return Some(CompactionInputs { table: found.reference, overlap });
                }
                // The neighbour with fewer values.
                let smaller = neighbours(target, overlap.range.min, Direction::Descending)
                    .take(1)
                    .chain(neighbours(target, overlap.range.max, Direction::Ascending).take(1))
                    .min_by_key(|(_, values)| *values);
                range = overlap.range.union(&smaller?.0);
            }
        })
    }

    /// The inputs of a merge of tables of this level that are next to each other into fewer tables,
    /// because their records fit: the first table, and those after it. A merge reads one table more
    /// than the growth factor at most, and a table on disk has at most `values_max` values. `None`
    /// if there are no such tables.
    #[must_use]
    pub fn coalescing_inputs(&self, level: u32, values_max: u32) -> Option<CompactionInputs<K>> {
        let tables = &self.levels[level as usize];
        let latest = Visibility::Visible(SNAPSHOT_LATEST);
        let last = tables.tables(latest, Direction::Descending, None).next()?;
        let max = last.table.key_range().max;
        tables.tables(latest, Direction::Ascending, None).find_map(|first| {
            let mut range = first.table.key_range();
            let mut values = u64::from(first.table.value_count);
            let mut older = TableReferences::new();
            let after = KeyRange { min: range.min, max };
            let next = tables.tables(latest, Direction::Ascending, Some(after)).skip(1);
            for found in next.take(self.growth_factor as usize) {
                older.push(found.reference);
                range = range.union(&found.table.key_range());
                values += u64::from(found.table.value_count);
                if values <= older.len() as u64 * u64::from(values_max) {
                    let overlap = Overlap { range, tables: older };
                    return Some(CompactionInputs { table: first.reference, overlap });
                }
            }
            None
        })
    }

    /// Whether a merge of `values` values with these tables of this level may write more tables
    /// than it reads of the level. A table on disk has at most `values_max` values.
    #[must_use]
    pub fn may_grow(
        &self,
        level: u32,
        values: u64,
        tables: &TableReferences,
        values_max: u32,
    ) -> bool {
        let level = &self.levels[level as usize];
        let read = tables.iter().map(|table| u64::from(level.table(*table).value_count));
        values + read.sum::<u64>() > tables.len() as u64 * u64::from(values_max)
    }

    /// Whether this level has fewer tables than its maximum.
    #[must_use]
    pub fn has_room(&self, level: u32) -> bool {
        self.count(level) < self.table_count_max(level)
    }

    /// Whether this level, or one below it, has fewer tables than its maximum. So a table can go to
    /// this level if each full level then passes one on.
    #[must_use]
    pub fn has_way_down(&self, level: u32) -> bool {
        (level..self.levels.len() as u32).any(|level| self.has_room(level))
    }

    /// Whether this level has more tables than it may have between bars.
    #[must_use]
    pub fn is_above_limit(&self, level: u32) -> bool {
        self.count(level) > self.table_count_max(level)
    }

    /// The deepest level that has tables; `None` if no level has any.
    #[must_use]
    pub fn deepest(&self) -> Option<u32> {
        (0..self.levels.len() as u32).rev().find(|level| self.count(*level) > 0)
    }

    fn count(&self, level: u32) -> u64 {
        u64::from(self.levels[level as usize].table_count_visible())
    }

    /// The inputs of a flush of `values` values in this key range: the tables of level 0 that
    /// overlap it, and neighbours that are added so that small tables are merged. `values_max` is
    /// the capacity of a memtable.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`, or the range overlaps more than `growth_factor`
    /// tables of level 0.
    #[must_use]
    pub fn flush_inputs(&self, range: KeyRange<K>, values: u64, values_max: u64) -> FlushInputs<K> {
        let level = &self.levels[0];
        let limit = self.growth_factor as usize;
        let plain = overlap(level, range, limit);
        let overlapping = plain.tables.iter().map(|table| level.table(*table).value_count);
        let counted = Coalescing {
            range: plain.range,
            tables: plain.tables.len(),
            values: values + overlapping.map(u64::from).sum::<u64>(),
        };
        let limits = CoalescingLimits { tables_max: limit, values_max };
        let grown = coalesce(
            counted,
            neighbours(level, plain.range.min, Direction::Descending),
            neighbours(level, plain.range.max, Direction::Ascending),
            limits,
        );
        let overlap = overlap(level, grown.range, limit);
        assert!(
            overlap.tables.len() == grown.tables && overlap.range == grown.range,
            "manifest: a flush reads the tables that were counted",
        );
        FlushInputs { overlap, coalesced: (grown.tables - plain.tables.len()) as u32 }
    }

    /// Whether a compaction into this level may drop the tombstones in this range. It may if no
    /// level below has a table that overlaps the range.
    #[must_use]
    pub fn may_drop_tombstones(&self, level: u32, range: KeyRange<K>) -> bool {
        self.levels[level as usize + 1..].iter().all(|below| {
            below.next_table(SNAPSHOT_LATEST, range, None, Direction::Ascending).is_none()
        })
    }
}

fn overlap<K: TableKey>(level: &ManifestLevel<K>, range: KeyRange<K>, limit: usize) -> Overlap<K> {
    let overlap = level.tables_overlapping(range, SNAPSHOT_LATEST, limit);
    overlap.expect("manifest: level 0 has as many tables as a flush may read, or fewer")
}

/// The key ranges and value counts of the tables beyond `key` in this direction, nearest first.
/// `key` is the end of a table, or of a range that no table overlaps.
fn neighbours<K: TableKey>(
    level: &ManifestLevel<K>,
    key: K,
    direction: Direction,
) -> impl Iterator<Item = (KeyRange<K>, u32)> {
    // The search begins at the key, so it takes no time for the tables on the other side of it.
    let range = level.key_range_latest().and_then(|all| match direction {
        Direction::Ascending => (key < all.max).then_some(KeyRange { min: key, max: all.max }),
        Direction::Descending => (all.min < key).then_some(KeyRange { min: all.min, max: key }),
    });
    let beyond = move |range: &KeyRange<K>| match direction {
        Direction::Ascending => range.min > key,
        Direction::Descending => range.max < key,
    };
    let latest = Visibility::Visible(SNAPSHOT_LATEST);
    let tables =
        range.into_iter().flat_map(move |range| level.tables(latest, direction, Some(range)));
    tables
        .map(|found| (found.table.key_range(), found.table.value_count))
        .filter(move |(range, _)| beyond(range))
}

//! Chooses the tables that a compaction reads, and decides whether it may drop tombstones.
//!
//! - The choice depends only on the tables: the same tables give the same compaction.
//! - A compaction into a level reads at most one table of the level above, and at most
//!   `growth_factor` tables of the level itself.

use super::coalesce::{Coalescing, CoalescingLimits, coalesce};
use super::{Manifest, table_count_max};
use crate::collections::Direction;
use crate::manifest::level::{LeastOverlap, ManifestLevel, Overlap};
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
    let tables = level.tables(Visibility::Visible(SNAPSHOT_LATEST), direction, None);
    let beyond = move |range: &KeyRange<K>| match direction {
        Direction::Ascending => range.min > key,
        Direction::Descending => range.max < key,
    };
    tables
        .map(|found| (found.table.key_range(), found.table.value_count))
        .filter(move |(range, _)| beyond(range))
}

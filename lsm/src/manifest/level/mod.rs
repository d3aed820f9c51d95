//! The tables of one level, in memory.
//!
//! ```text
//! keys       key_max  key_max  key_max ..        dense, to find an index fast
//! tables     info     info     info ..           in the order of (key_max, snapshot_min)
//! ```
//!
//! - Both arrays have the same length, and the same `key_max` at each index. If several tables have
//!   the same `key_max`, `keys` contains it once for each of them.
//! - The tables that one snapshot sees have disjoint key ranges. Tables of different snapshots may
//!   overlap. The caller ensures this; inserts check it in unit tests and with the feature
//!   `verify`.
//! - `key_range_latest`, `table_count_visible` and `value_count_visible` describe the tables that
//!   the latest snapshot sees.
//! - `key_range_closed` contains the key ranges of all other (closed) tables. It may be wider than
//!   necessary, but it is `None` if there are no closed tables.
//! - The generation changes with each insert, remove and reset, and only then. A [`TableReference`]
//!   is valid for one generation; each use asserts this.
//!
//! Files: `options` has the sizes, `statistics` the counters, `tables` the iterator, `overlap` the
//! choice of the table with the least overlap, and `inspect` the accessors and checks. This file
//! has the operations.

mod inspect;
mod options;
mod overlap;
mod statistics;
mod tables;

pub use options::ManifestLevelOptions;
pub use overlap::{LeastOverlap, OVERLAP_MAX, Overlap, TableReferences};
pub use statistics::LevelStatistics;
pub use tables::{Found, Tables};

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::{KeyRange, SNAPSHOT_LATEST, SNAPSHOT_OPEN, TableInfo, TableKey, Visibility};
use crate::check::verify;
use crate::collections::{
    Direction, InvalidOptions, NodePool, SegmentedArrayOptions, Sorted, SortedSegmentedArray,
};

/// The tables of one level; see the [module](self).
#[derive(Debug)]
pub struct ManifestLevel<K: TableKey> {
    keys: SortedSegmentedArray<KeyMax<K>>,
    tables: SortedSegmentedArray<TableInfo<K>>,
    key_range_latest: Option<KeyRange<K>>,
    key_range_closed: Option<KeyRange<K>>,
    table_count_visible: u32,
    value_count_visible: u64,
    generation: u32,
    statistics: LevelStatistics,
}

/// The largest key of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct KeyMax<K>(pub K);

impl<K: TableKey> Sorted for KeyMax<K> {
    type Key = K;

    #[inline]
    fn sort_key(&self) -> K {
        self.0
    }
}

/// A reference to a table of a level. It is valid until the next insert, remove or reset; setting a
/// table's last snapshot keeps references valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableReference {
    index: u32,
    generation: u32,
}

impl<K: TableKey> ManifestLevel<K> {
    /// Checks the options of a level, and the size of its nodes in bytes.
    ///
    /// # Errors
    ///
    /// If [`ManifestLevelOptions::validate`] refuses the options, or if the node size is invalid or
    /// too small for two tables.
    pub fn validate(options: ManifestLevelOptions, node_size: usize) -> Result<(), InvalidOptions> {
        options.validate()?;
        let array = SegmentedArrayOptions { element_count_max: options.table_count_max };
        array.validate_nodes::<KeyMax<K>>(node_size)?;
        array.validate_nodes::<TableInfo<K>>(node_size)
    }

    /// An empty level for nodes of `node_size` bytes. All memory except the nodes is allocated
    /// here.
    ///
    /// # Errors
    ///
    /// The same as [`ManifestLevel::validate`].
    pub fn new(options: ManifestLevelOptions, node_size: usize) -> Result<Self, InvalidOptions> {
        options.validate()?;
        let array = SegmentedArrayOptions { element_count_max: options.table_count_max };
        Ok(Self {
            keys: SortedSegmentedArray::new(array, node_size)?,
            tables: SortedSegmentedArray::new(array, node_size)?,
            key_range_latest: None,
            key_range_closed: None,
            table_count_visible: 0,
            value_count_visible: 0,
            generation: 0,
            statistics: LevelStatistics::default(),
        })
    }

    /// Inserts a table. No snapshot may see both this table and a table that overlaps it.
    ///
    /// # Panics
    ///
    /// If the table's fields are inconsistent, if there are `table_count_max` tables already, or if
    /// the pool's nodes have the wrong size or too few of them are free.
    pub fn insert_table(&mut self, pool: &mut NodePool, table: &TableInfo<K>) {
        table.assert_valid();
        verify!(self.assert_disjoint(table));
        self.generation = self.generation.wrapping_add(1);
        self.keys.insert(pool, &KeyMax(table.key_max));
        let index = self.tables.insert(pool, table);
        if table.is_visible(SNAPSHOT_LATEST) {
            self.table_count_visible += 1;
            self.value_count_visible += u64::from(table.value_count);
            widen(&mut self.key_range_latest, &table.key_range());
        } else {
            widen(&mut self.key_range_closed, &table.key_range());
        }
        self.statistics.tables_inserted += 1;
        self.assert_parallel(index);
    }

    /// Sets the last snapshot that sees a table, because the table is replaced. References stay
    /// valid.
    ///
    /// # Panics
    ///
    /// If the reference is of another generation, if the table's last snapshot was set before, or
    /// if `snapshot` is below the table's first snapshot or not below [`SNAPSHOT_LATEST`].
    pub fn set_snapshot_max(&mut self, snapshot: u64, reference: TableReference) {
        let mut table = *self.table(reference);
        let TableInfo { snapshot_min, snapshot_max, .. } = table;
        assert!(
            snapshot < SNAPSHOT_LATEST,
            "manifest_level: a table is replaced by a commit (snapshot {snapshot})",
        );
        assert!(
            snapshot_min <= snapshot,
            "manifest_level: a table is visible from its first to its last snapshot \
             ({snapshot_min}, {snapshot})",
        );
        assert!(
            snapshot_max == SNAPSHOT_OPEN,
            "manifest_level: a table is replaced once (by snapshot {snapshot_max}, {snapshot})",
        );
        table.snapshot_max = snapshot;
        self.tables.replace(reference.index, &table);
        widen(&mut self.key_range_closed, &table.key_range());
        self.exclude(&table);
        self.statistics.tables_closed += 1;
    }

    /// Removes the table that is equal in all fields.
    ///
    /// # Panics
    ///
    /// If there is no such table, or if the nodes do not come from this pool.
    pub fn remove_table(&mut self, pool: &mut NodePool, table: &TableInfo<K>) {
        let found = self.equal_sort_key(table).find(|found| found.table == table);
        let index = found.map(|found| found.reference.index);
        let index = index.unwrap_or_else(|| {
            panic!("manifest_level: a removed table must equal a table of the level ({table:?})")
        });
        self.remove_at(pool, index, table);
    }

    /// Removes all tables that neither the latest snapshot nor any of `snapshots` sees, and that
    /// overlap the range if one is given. Calls `removed` for each table after its removal, in
    /// descending order of `key_max` and `snapshot_min`.
    ///
    /// # Panics
    ///
    /// If the nodes do not come from this pool.
    pub fn remove_invisible_tables(
        &mut self,
        pool: &mut NodePool,
        snapshots: &[u64],
        range: Option<KeyRange<K>>,
        mut removed: impl FnMut(&TableInfo<K>),
    ) {
        let visibility = Visibility::Invisible(snapshots);
        let mut tables = self.tables(visibility, Direction::Descending, range);
        while let Some(Found { reference: TableReference { index, .. }, table }) = tables.next() {
            let table = *table;
            self.remove_at(pool, index, &table);
            removed(&table);
            // The removal moved only tables above the index.
            let below = index.checked_sub(1);
            tables = Tables::new_from(self, visibility, Direction::Descending, range, below);
        }
    }

    /// Removes all tables and resets the counters. The generation changes, so earlier references
    /// become invalid.
    ///
    /// # Panics
    ///
    /// If the nodes do not come from this pool.
    pub fn reset(&mut self, pool: &mut NodePool) {
        let Self {
            keys,
            tables,
            key_range_latest,
            key_range_closed,
            table_count_visible,
            value_count_visible,
            generation,
            statistics,
        } = self;
        keys.reset(pool);
        tables.reset(pool);
        *key_range_latest = None;
        *key_range_closed = None;
        *table_count_visible = 0;
        *value_count_visible = 0;
        *generation = generation.wrapping_add(1);
        *statistics = LevelStatistics::default();
        verify!(self.verify());
    }

    /// Finds a table by `key_max`, `snapshot_min`, `address` and `checksum`. The other fields may
    /// differ: for example, the last snapshot may have been set since.
    #[must_use]
    pub fn find(&self, table: &TableInfo<K>) -> Option<TableReference> {
        let TableInfo { address, checksum, .. } = *table;
        let mut equal = self.equal_sort_key(table);
        let found = equal.find(|found| {
            address == { found.table.address } && checksum == { found.table.checksum }
        });
        found.map(|found| found.reference)
    }

    /// The table to which the reference refers.
    ///
    /// # Panics
    ///
    /// If the reference is of another generation.
    #[must_use]
    #[inline]
    pub fn table(&self, reference: TableReference) -> &TableInfo<K> {
        assert!(
            reference.generation == self.generation,
            "manifest_level: a reference ends with the next insert or remove (generation {}, {})",
            reference.generation,
            self.generation,
        );
        let table = self.tables.get(reference.index);
        table.expect("manifest_level: a reference of this generation is to a table")
    }

    /// The tables that `visibility` selects, in the order of `key_max`, then of `snapshot_min`,
    /// ascending or descending. With a range, only the tables that overlap it.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`.
    #[must_use]
    pub fn tables<'a>(
        &'a self,
        visibility: Visibility<'a>,
        direction: Direction,
        range: Option<KeyRange<K>>,
    ) -> Tables<'a, K> {
        Tables::new(self, visibility, direction, range)
    }

    /// The first table in this direction that the snapshot sees and that overlaps the range. With
    /// `key_exclusive`, all keys of the table must also be after this key in this direction. To
    /// visit one table after the other, pass the largest key of the previous table when ascending,
    /// and its smallest key when descending.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`.
    #[must_use]
    pub fn next_table(
        &self,
        snapshot: u64,
        range: KeyRange<K>,
        key_exclusive: Option<K>,
        direction: Direction,
    ) -> Option<Found<'_, K>> {
        let visibility = Visibility::Visible(snapshot);
        let Some(key) = key_exclusive else {
            return self.tables(visibility, direction, Some(range)).next();
        };
        range.assert_ordered();
        let KeyRange { min, max } = range;
        match direction {
            Direction::Ascending if key >= max => None,
            Direction::Ascending => {
                let range = KeyRange { min: min.max(key), max };
                let mut tables = self.tables(visibility, direction, Some(range));
                tables.find(|found| { found.table.key_min } > key)
            }
            Direction::Descending if key <= min => None,
            Direction::Descending => {
                let range = KeyRange { min, max: max.min(key) };
                let mut tables = self.tables(visibility, direction, Some(range));
                tables.find(|found| { found.table.key_max } < key)
            }
        }
    }

    /// The tables that the snapshot sees and that overlap the range, and the range widened to
    /// contain these tables completely. `None` if there are more than `limit`.
    ///
    /// # Panics
    ///
    /// If `limit` is above [`OVERLAP_MAX`], or the range's `min` is above its `max`.
    #[must_use]
    pub fn tables_overlapping(
        &self,
        range: KeyRange<K>,
        snapshot: u64,
        limit: usize,
    ) -> Option<Overlap<K>> {
        assert_limit(limit);
        let mut overlap = Overlap { range, tables: TableReferences::new() };
        let tables = self.tables(Visibility::Visible(snapshot), Direction::Ascending, Some(range));
        for Found { reference, table } in tables {
            if overlap.tables.len() == limit {
                return None;
            }
            overlap.tables.push(reference);
            overlap.range = overlap.range.union(&table.key_range());
        }
        Some(overlap)
    }

    /// The table of this level that overlaps the fewest tables of `level_b`, and these tables.
    /// Tables that the snapshot does not see are ignored. If several tables overlap equally few,
    /// the first is chosen. `None` if every table overlaps more than `limit` tables.
    ///
    /// Takes time proportional to the number of tables of both levels.
    ///
    /// # Panics
    ///
    /// If the latest snapshot sees no table of this level, or `limit` is above [`OVERLAP_MAX`].
    #[must_use]
    pub fn table_with_least_overlap(
        &self,
        level_b: &Self,
        snapshot: u64,
        limit: usize,
    ) -> Option<LeastOverlap<K>> {
        assert_limit(limit);
        assert!(
            self.table_count_visible > 0,
            "manifest_level: a table can be chosen only if there is a visible one",
        );
        let visibility = Visibility::Visible(snapshot);
        let tables = self.tables(visibility, Direction::Ascending, None);
        let others = level_b.tables(visibility, Direction::Ascending, None);
        let (table, range) = overlap::least(
            tables.map(|found| (found.reference, found.table.key_range())),
            others.map(|found| found.table.key_range()),
            limit,
        )?;
        let overlap = level_b.tables_overlapping(range, snapshot, limit);
        let overlap =
            overlap.expect("manifest_level: the overlap was counted, and is in the limit");
        Some(LeastOverlap { table, overlap })
    }

    /// The tables with the sort key of this one.
    fn equal_sort_key(&self, table: &TableInfo<K>) -> impl Iterator<Item = Found<'_, K>> {
        let key = table.sort_key();
        let start = self.tables.index(self.tables.search(key));
        let (any, ascending) = (Visibility::Any, Direction::Ascending);
        Tables::new_from(self, any, ascending, None, Some(start))
            .take_while(move |found| found.table.sort_key() == key)
    }

    fn remove_at(&mut self, pool: &mut NodePool, index: u32, table: &TableInfo<K>) {
        self.generation = self.generation.wrapping_add(1);
        self.tables.remove(pool, index, 1);
        // Equal keys are indistinguishable, so the first can be removed.
        let key = self.keys.search(table.key_max);
        assert!(
            self.keys.element(key) == Some(&KeyMax(table.key_max)),
            "manifest_level: the key of a table must be among the keys",
        );
        self.keys.remove(pool, self.keys.index(key), 1);
        if table.is_visible(SNAPSHOT_LATEST) {
            self.exclude(table);
            self.statistics.tables_removed_visible += 1;
        } else if self.table_count() == self.table_count_visible {
            self.key_range_closed = None;
        }
        self.statistics.tables_removed += 1;
        self.assert_parallel(index);
    }

    /// Updates the counters and the key range after a table stopped being visible to the latest
    /// snapshot.
    fn exclude(&mut self, table: &TableInfo<K>) {
        self.table_count_visible -= 1;
        self.value_count_visible -= u64::from(table.value_count);
        let Some(mut range) = self.key_range_latest else {
            unreachable!("manifest_level: a visible table is in the key range");
        };
        // Visible tables are disjoint, so they have the same order by largest and by smallest key.
        let latest = Visibility::Visible(SNAPSHOT_LATEST);
        if range.max == { table.key_max }
            && let Some(last) = self.tables(latest, Direction::Descending, None).next()
        {
            range.max = last.table.key_max;
            self.statistics.key_range_lowered += 1;
        }
        if range.min == { table.key_min }
            && let Some(first) = self.tables(latest, Direction::Ascending, None).next()
        {
            range.min = first.table.key_min;
            self.statistics.key_range_raised += 1;
        }
        self.key_range_latest = (self.table_count_visible > 0).then_some(range);
    }

    /// Asserts that the two arrays are parallel at an index.
    fn assert_parallel(&self, index: u32) {
        assert!(
            self.keys.len() == self.tables.len(),
            "manifest_level: there must be one key for each table",
        );
        let key = self.keys.get(index).map(Sorted::sort_key);
        let key_max = self.tables.get(index).map(|table| table.key_max);
        assert!(
            key == key_max,
            "manifest_level: keys and tables must be in the same order (index {index})",
        );
    }

    /// Asserts that no snapshot sees both this table and a table that overlaps it.
    fn assert_disjoint(&self, table: &TableInfo<K>) {
        for found in self.tables(Visibility::Any, Direction::Ascending, Some(table.key_range())) {
            let (a, b) = (found.table, table);
            assert!(
                a.snapshot_min > b.snapshot_max || b.snapshot_min > a.snapshot_max,
                "manifest_level: tables that a snapshot sees must not overlap ({a:?}, {b:?})",
            );
        }
    }
}

#[inline]
fn assert_limit(limit: usize) {
    assert!(
        limit <= OVERLAP_MAX,
        "manifest_level: an overlap has at most {OVERLAP_MAX} tables (limit {limit})",
    );
}

#[inline]
fn widen<K: TableKey>(range: &mut Option<KeyRange<K>>, by: &KeyRange<K>) {
    *range = Some(range.map_or(*by, |range| range.union(by)));
}

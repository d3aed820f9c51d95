//! Accessors of a manifest level, and the check of its invariants.
//!
//! - Nothing here changes the level.

use super::{KeyMax, LevelStatistics, ManifestLevel};
use crate::collections::{Direction, SegmentedArray};
use crate::manifest::{KeyRange, SNAPSHOT_LATEST, TableInfo, TableKey, Visibility};

impl<K: TableKey> ManifestLevel<K> {
    /// The range from the smallest to the largest key that the latest snapshot sees. `None` if it
    /// sees no table.
    #[must_use]
    #[inline]
    pub fn key_range_latest(&self) -> Option<KeyRange<K>> {
        self.key_range_latest
    }

    /// The number of tables, visible or not.
    #[must_use]
    #[inline]
    pub fn table_count(&self) -> u32 {
        self.tables.len()
    }

    /// The number of tables that the latest snapshot sees.
    #[must_use]
    #[inline]
    pub fn table_count_visible(&self) -> u32 {
        self.table_count_visible
    }

    /// The number of values in the tables that the latest snapshot sees.
    #[must_use]
    #[inline]
    pub fn value_count_visible(&self) -> u64 {
        self.value_count_visible
    }

    /// The maximum number of tables in the level, visible or not.
    #[must_use]
    pub fn table_count_max(&self) -> u32 {
        self.tables.as_array().element_count_max()
    }

    /// A number that changes with each insert, remove and reset.
    #[must_use]
    #[inline]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The counters since construction or the latest reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &LevelStatistics {
        &self.statistics
    }

    /// The largest key of each table, ascending.
    #[must_use]
    pub fn keys(&self) -> &SegmentedArray<KeyMax<K>> {
        self.keys.as_array()
    }

    /// All tables, ordered by `key_max`, then by `snapshot_min`.
    #[must_use]
    pub fn table_array(&self) -> &SegmentedArray<TableInfo<K>> {
        self.tables.as_array()
    }

    /// Checks all invariants. Takes time proportional to the number of tables.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        self.keys.verify();
        self.tables.verify();
        assert!(
            self.keys.len() == self.tables.len(),
            "manifest_level: there must be one key for each table",
        );
        let keys = self.keys.iter(self.keys.first_cursor(), Direction::Ascending);
        let tables = self.tables.iter(self.tables.first_cursor(), Direction::Ascending);
        assert!(
            keys.map(|key| key.0).eq(tables.map(|table| table.key_max)),
            "manifest_level: keys and tables must be in the same order",
        );
        self.verify_visible();
        self.verify_closed();
    }

    fn verify_visible(&self) {
        let (mut table_count, mut value_count) = (0, 0);
        let mut range: Option<KeyRange<K>> = None;
        let latest = Visibility::Visible(SNAPSHOT_LATEST);
        for found in self.tables(latest, Direction::Ascending, None) {
            found.table.assert_valid();
            table_count += 1;
            value_count += u64::from(found.table.value_count);
            let TableInfo { key_min, key_max, .. } = *found.table;
            let below = range.unwrap_or(KeyRange { min: key_min, max: key_min });
            assert!(
                range.is_none() || below.max < key_min,
                "manifest_level: visible tables must not overlap",
            );
            range = Some(KeyRange { min: below.min, max: key_max });
        }
        assert!(
            table_count == self.table_count_visible,
            "manifest_level: the visible tables must be counted",
        );
        assert!(
            value_count == self.value_count_visible,
            "manifest_level: the values of the visible tables must be counted",
        );
        assert!(
            range == self.key_range_latest,
            "manifest_level: the key range must be that of the visible tables \
             ({:?}, not {range:?})",
            self.key_range_latest,
        );
    }

    fn verify_closed(&self) {
        let mut closed_count = 0;
        for found in self.tables(Visibility::Any, Direction::Ascending, None) {
            if found.table.is_visible(SNAPSHOT_LATEST) {
                continue;
            }
            found.table.assert_valid();
            closed_count += 1;
            let range = found.table.key_range();
            assert!(
                self.key_range_closed.is_some_and(|closed| closed.union(&range) == closed),
                "manifest_level: the closed tables must be in their key range",
            );
        }
        assert!(
            self.key_range_closed.is_some() == (closed_count > 0),
            "manifest_level: closed tables have a key range if and only if there are any",
        );
        let LevelStatistics { tables_inserted, tables_removed, .. } = self.statistics;
        assert!(
            tables_inserted - tables_removed == u64::from(self.table_count()),
            "manifest_level: the tables must be those inserted and not removed",
        );
    }
}

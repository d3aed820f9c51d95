//! The tables of a tree, level by level.
//!
//! - The latest snapshot sees each key in at most one table of a level. The versions in a level are
//!   newer than those in the levels below it.
//! - Every change is reported to a [`Journal`], which makes it durable.
//! - Between bars no level has more tables than [`table_count_max`], and the latest snapshot sees
//!   every table.
//!
//! Files: `limits` bounds the number of tables, `inputs` chooses what a compaction reads, and
//! `coalesce` adds neighbours to merge small tables. This file has the changes.

mod coalesce;
mod inputs;
mod limits;

pub use inputs::{CompactionInputs, FlushInputs};
pub use limits::{GROWTH_FACTORS, LEVELS, table_count_max, table_count_max_of_tree};

use super::level::{ManifestLevel, ManifestLevelOptions, TableReference};
use super::{KeyRange, SNAPSHOT_LATEST, TableInfo, TableKey, Visibility};
use crate::block::Reason;
use crate::collections::{Direction, InvalidOptions, NodePool};

/// Receives every change of a manifest, in order.
pub trait Journal<K> {
    /// A table was inserted into this level.
    fn inserted(&mut self, level: u32, table: &TableInfo<K>);
    /// A table of this level changed: its last snapshot was set, or it moved here from the level
    /// above.
    fn updated(&mut self, level: u32, table: &TableInfo<K>);
    /// A table was removed from this level.
    fn removed(&mut self, level: u32, table: &TableInfo<K>);
}

/// The tables of a tree, level by level. The visible tables of a level are disjoint and ordered.
#[derive(Debug)]
pub struct Manifest<K: TableKey> {
    growth_factor: u32,
    levels: Vec<ManifestLevel<K>>,
}

impl<K: TableKey> Manifest<K> {
    /// Checks the size of a node in bytes, and the capacity of each level.
    ///
    /// # Errors
    ///
    /// If the node size is invalid or too small for two tables, or if a level could have too many
    /// tables.
    pub fn validate(
        growth_factor: u32,
        levels: u32,
        node_size: usize,
        table_count_max: u32,
    ) -> Result<(), InvalidOptions> {
        (0..levels).try_for_each(|level| {
            let table_count_max = Self::room(growth_factor, level, table_count_max);
            ManifestLevel::<K>::validate(ManifestLevelOptions { table_count_max }, node_size)
        })
    }

    /// An empty manifest of at most `table_count_max` tables. All memory except the nodes is
    /// allocated here.
    ///
    /// # Errors
    ///
    /// The same as [`Manifest::validate`].
    ///
    /// # Panics
    ///
    /// If the growth factor or the number of levels is out of bounds ([`GROWTH_FACTORS`],
    /// [`LEVELS`]).
    pub fn new(
        growth_factor: u32,
        levels: u32,
        node_size: usize,
        table_count_max: u32,
    ) -> Result<Self, InvalidOptions> {
        assert!(LEVELS.contains(&levels), "manifest: {levels} is an invalid number of levels");
        let level = |level| {
            let table_count_max = Self::room(growth_factor, level, table_count_max);
            ManifestLevel::new(ManifestLevelOptions { table_count_max }, node_size)
        };
        let levels = (0..levels).map(level).collect::<Result<_, _>>()?;
        Ok(Self { growth_factor, levels })
    }

    /// The capacity of a level: its maximum between bars, and space for the inputs and outputs of a
    /// compaction, which are in the level at the same time. A compaction inserts at most one table
    /// more than it reads from the level.
    fn room(growth_factor: u32, level: u32, table_count_max: u32) -> u32 {
        let most =
            limits::table_count_max(growth_factor, level) + 2 * (1 + u64::from(growth_factor));
        // The maximum of the eighth level with growth factor 16 is 2^32, which a `u32` cannot
        // represent.
        most.min(u64::from(table_count_max)) as u32
    }

    /// Removes all tables and resets the counters.
    ///
    /// # Panics
    ///
    /// If the nodes do not come from this pool.
    pub fn reset(&mut self, pool: &mut NodePool) {
        for level in &mut self.levels {
            level.reset(pool);
        }
    }

    /// The levels, newest first.
    #[must_use]
    #[inline]
    pub fn levels(&self) -> &[ManifestLevel<K>] {
        &self.levels
    }

    /// How many times more tables a level may have than the level above it.
    #[must_use]
    #[inline]
    pub fn growth_factor(&self) -> u32 {
        self.growth_factor
    }

    /// The maximum number of tables of this level between bars.
    #[must_use]
    pub fn table_count_max(&self, level: u32) -> u64 {
        table_count_max(self.growth_factor, level)
    }

    /// The range from the smallest to the largest key that the latest snapshot sees. `None` if it
    /// sees no table.
    #[must_use]
    pub fn key_range(&self) -> Option<KeyRange<K>> {
        let ranges = self.levels.iter().filter_map(ManifestLevel::key_range_latest);
        ranges.reduce(|range, other| range.union(&other))
    }

    /// The table of this level that the latest snapshot sees and whose key range contains `key`.
    #[must_use]
    #[inline]
    pub fn table_for(&self, level: u32, key: K) -> Option<&TableInfo<K>> {
        let level = &self.levels[level as usize];
        level.key_range_latest().filter(|range| range.contains(key))?;
        let point = KeyRange { min: key, max: key };
        let latest = Visibility::Visible(SNAPSHOT_LATEST);
        let mut tables = level.tables(latest, Direction::Ascending, Some(point));
        tables.next().map(|found| found.table)
    }

    /// Inserts a table while the store is opened. The journal does not receive it.
    ///
    /// # Errors
    ///
    /// If the table is invalid at this level, as a [`Reason::Meaning`].
    pub fn reload(
        &mut self,
        pool: &mut NodePool,
        level: u32,
        table: &TableInfo<K>,
    ) -> Result<(), Reason> {
        let growth_factor = self.growth_factor;
        let Some(tables) = self.levels.get_mut(level as usize) else {
            return Err(Reason::Meaning("a table is at a level that the tree does not have"));
        };
        if !table.is_visible(SNAPSHOT_LATEST) {
            return Err(Reason::Meaning("a table is live although it is replaced"));
        }
        if u64::from(tables.table_count()) >= table_count_max(growth_factor, level) {
            return Err(Reason::Meaning("a level has more tables than it may"));
        }
        if tables.tables_overlapping(table.key_range(), SNAPSHOT_LATEST, 0).is_none() {
            return Err(Reason::Meaning("two tables of a level overlap"));
        }
        tables.insert_table(pool, table);
        Ok(())
    }

    /// Inserts a table into a level.
    ///
    /// # Panics
    ///
    /// The same as [`ManifestLevel::insert_table`].
    pub fn insert(
        &mut self,
        pool: &mut NodePool,
        journal: &mut impl Journal<K>,
        level: u32,
        table: &TableInfo<K>,
    ) {
        self.levels[level as usize].insert_table(pool, table);
        journal.inserted(level, table);
    }

    /// Sets the last snapshot that sees a table, because the table is replaced.
    ///
    /// # Panics
    ///
    /// The same as [`ManifestLevel::set_snapshot_max`].
    pub fn close(
        &mut self,
        journal: &mut impl Journal<K>,
        level: u32,
        snapshot: u64,
        reference: TableReference,
    ) {
        let tables = &mut self.levels[level as usize];
        tables.set_snapshot_max(snapshot, reference);
        journal.updated(level, tables.table(reference));
    }

    /// Moves a table from a level to the one below it.
    ///
    /// # Panics
    ///
    /// The same as [`ManifestLevel::remove_table`] and [`ManifestLevel::insert_table`].
    pub fn move_down(
        &mut self,
        pool: &mut NodePool,
        journal: &mut impl Journal<K>,
        level: u32,
        table: &TableInfo<K>,
    ) {
        self.levels[level as usize].remove_table(pool, table);
        self.levels[level as usize + 1].insert_table(pool, table);
        // One entry is enough: a reader of the journal takes the newest entry of each table.
        journal.updated(level + 1, table);
    }

    /// Removes a table from a level, although the latest snapshot sees it: its records are lost.
    ///
    /// # Panics
    ///
    /// The same as [`ManifestLevel::remove_table`].
    pub fn give_up(
        &mut self,
        pool: &mut NodePool,
        journal: &mut impl Journal<K>,
        level: u32,
        table: &TableInfo<K>,
    ) {
        self.levels[level as usize].remove_table(pool, table);
        journal.removed(level, table);
    }

    /// Removes the tables of a level that overlap `range` and that the latest snapshot does not
    /// see.
    ///
    /// # Panics
    ///
    /// The same as [`ManifestLevel::remove_invisible_tables`].
    pub fn remove_invisible(
        &mut self,
        pool: &mut NodePool,
        journal: &mut impl Journal<K>,
        level: u32,
        range: KeyRange<K>,
    ) {
        self.levels[level as usize].remove_invisible_tables(pool, &[], Some(range), |table| {
            journal.removed(level, table);
        });
    }

    /// Asserts the invariants that hold between bars.
    ///
    /// # Panics
    ///
    /// If a level has more tables than its maximum, or a table that the latest snapshot does not
    /// see.
    pub fn assert_between_bars(&self) {
        for (number, level) in self.levels.iter().enumerate() {
            let most = self.table_count_max(number as u32);
            assert!(
                u64::from(level.table_count_visible()) <= most,
                "manifest: level {number} must have {most} tables at most ({})",
                level.table_count_visible(),
            );
            assert!(
                level.table_count() == level.table_count_visible(),
                "manifest: level {number} must have no invisible table ({} of {})",
                level.table_count() - level.table_count_visible(),
                level.table_count(),
            );
        }
    }
}

//! Gives up tables of which a block cannot be read.
//!
//! - A table is given up as a whole: it leaves its level, and the manifest log says so.
//! - Its blocks are not released here: those of a table whose index cannot be read are unknown to
//!   the tree.

use super::Tree;
use super::journal::LogJournal;
use crate::collections::{Direction, NodePool};
use crate::compaction::Compaction;
use crate::grid::free_set::BlockSet;
use crate::grid::{Grid, GridError, Verification};
use crate::manifest::{KeyRange, TableInfo, Visibility};
use crate::manifest_log::ManifestLog;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::TableVerification;

/// A table of which a block cannot be read.
#[derive(Clone, Copy)]
pub(crate) struct UnreadableTable<K: Copy> {
    pub(crate) level: u32,
    pub(crate) table: TableInfo<K>,
    /// The error of its first block that cannot be read.
    pub(crate) error: GridError,
}

impl<R: Record> Tree<R> {
    /// Whether all records of the tree are in tables, and no merge is planned.
    pub(crate) fn is_at_rest(&self) -> bool {
        let is_idle = self.compactions.iter().all(Compaction::is_idle);
        is_idle && self.mutable.is_empty() && self.immutable.is_flushed() && self.scope.is_none()
    }

    /// Reads the tables that overlap a range from the device, and returns those of which a block
    /// cannot be read. Waits for the device: no other component may have operations in its queue.
    ///
    /// # Errors
    ///
    /// If the device is gone.
    pub(crate) fn unreadable_tables<S: Storage>(
        &self,
        keys: KeyRange<R::Key>,
        grid: &mut Grid<S>,
    ) -> Result<Vec<UnreadableTable<R::Key>>, GridError> {
        let mut unreadable = Vec::new();
        for (level, tables) in (0..).zip(self.manifest.levels()) {
            for found in tables.tables(Visibility::Any, Direction::Ascending, Some(keys)) {
                let mut verification = Verification::default();
                self.verify_table(found.table, grid, &mut verification);
                if verification.errors.contains(&GridError::Gone) {
                    return Err(GridError::Gone);
                }
                let error = verification.errors.first();
                let table = *found.table;
                unreadable.extend(error.map(|error| UnreadableTable {
                    level,
                    table,
                    error: *error,
                }));
            }
        }
        Ok(unreadable)
    }

    /// Adds the blocks of all tables except these to a set. Reads the indexes from the device, and
    /// waits for it: no other component may have operations in its queue.
    ///
    /// # Errors
    ///
    /// If an index cannot be read.
    pub(crate) fn add_blocks_except<S: Storage>(
        &self,
        lost: &[UnreadableTable<R::Key>],
        grid: &mut Grid<S>,
        blocks: &mut BlockSet,
    ) -> Result<(), GridError> {
        let mut add = |address: u64| {
            let block = (address - 1) as usize;
            if !blocks.contains(block) {
                blocks.insert(block);
            }
        };
        for level in self.manifest.levels() {
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                let address = { found.table.address };
                if lost.iter().any(|it| address == { it.table.address }) {
                    continue;
                }
                let checks = TableVerification::new(&self.layout, self.options.id, found.table);
                let block = grid.read_to_verify(checks.reference())?;
                let index = checks.index_block(block.contents(), block.body())?;
                add(address);
                for number in 0..index.value_block_count() {
                    add(index.entry(number).reference.address);
                }
            }
        }
        Ok(())
    }

    /// Removes a table from its level.
    ///
    /// # Panics
    ///
    /// If the level does not have the table, if the pool is not the one that has the nodes of the
    /// tree, or if trees may not append to the log now.
    pub(crate) fn give_up<S: Storage>(
        &mut self,
        lost: &UnreadableTable<R::Key>,
        pool: &mut NodePool,
        log: &mut ManifestLog,
        grid: &mut Grid<S>,
    ) {
        let mut journal = LogJournal::new(self.options.id, log, grid);
        self.manifest.give_up(pool, &mut journal, lost.level, &lost.table);
        self.version += 1;
        self.levels_version += 1;
    }
}

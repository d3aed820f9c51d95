//! Opens the log: reads it from its newest block to its oldest, and reports the live tables.
//!
//! - The checkpoint gives the number of blocks to read. The last block read must be the oldest
//!   block that the checkpoint names.
//! - Each live table is reported once, in its newest version.
//! - Properties that checksums cannot prove are checked. Every address is in use, and none is of
//!   both a table and a block of the log. The numbers of blocks and tables are within their limits.
//!   The entries are in an order in which the log writes them.
//!
//! Whether a table matches its entry is not checked here.

use super::block::LogBlock;
use super::compaction::LogPhase;
use super::entry::LogEntry;
use super::extents::TableExtent;
use super::incarnations::Verdict;
use super::{ManifestLog, corruption};
use crate::block::{BlockReference, Corruption, Place, Reason};
use crate::check::verify;
use crate::grid::free_set::BlockState;
use crate::grid::{Grid, GridError};
use crate::storage::Storage;
use crate::superblock::ManifestReferences;

impl ManifestLog {
    /// Opens the log of a checkpoint, on a grid that was opened at the same checkpoint. No other
    /// component may use the device during the call: every I/O that completes must be the grid's
    /// own. Calls `report` for each live table with its newest entry, an insert or an update.
    /// `report` may refuse an entry that is invalid for its tree.
    ///
    /// # Errors
    ///
    /// If a block cannot be read or is invalid, or if `report` refuses an entry. After an error,
    /// reset the log and ignore the entries that were reported.
    ///
    /// # Panics
    ///
    /// If the log is open already, or the grid is not open.
    pub fn open<S: Storage>(
        &mut self,
        grid: &mut Grid<S>,
        references: &ManifestReferences,
        mut report: impl FnMut(&LogEntry) -> Result<(), Reason>,
    ) -> Result<(), GridError> {
        assert!(
            self.phase == LogPhase::Closed,
            "manifest_log: the log must be closed to be opened"
        );
        assert!(grid.free_set().is_open(), "manifest_log: the grid must be opened before the log");
        let ManifestReferences { oldest, newest, block_count } = *references;
        let block_count = block_count as usize;
        if block_count > self.limits.blocks_max {
            return Err(corruption(Place::Superblock, "the manifest log is longer than its limit"));
        }
        let mut next = newest;
        let mut place = Place::Superblock;
        for left in (0..block_count).rev() {
            if !is_in_use(grid, next.address) {
                return Err(corruption(place, "a block of the manifest log is not in use"));
            }
            if (left == 0) != (next == oldest) {
                return Err(corruption(place, "the length of the manifest log is wrong"));
            }
            let block = grid.read_now(next)?;
            place = Place::Block(next.address);
            let invalid = |reason| GridError::Corruption(Corruption { place, reason });
            let block = LogBlock::new(block).map_err(invalid)?;
            self.take_block(&block, grid, &mut report).map_err(invalid)?;
            self.closed.push_front(next);
            next = block.previous();
        }
        for BlockReference { address, .. } in &self.closed {
            if self.extents.get(*address).is_some() {
                return Err(corruption(
                    Place::Block(*address),
                    "a block of the manifest log is also a table's",
                ));
            }
        }
        self.had_blocks = block_count > 0;
        self.previous = self.closed.back().copied().unwrap_or_default();
        self.incarnations.clear();
        self.phase = LogPhase::Idle;
        verify!(self.verify());
        Ok(())
    }

    /// Takes the entries of a block, after those of all newer blocks.
    fn take_block<S: Storage>(
        &mut self,
        block: &LogBlock,
        grid: &Grid<S>,
        report: &mut impl FnMut(&LogEntry) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        self.statistics.blocks_opened += 1;
        for (number, entry) in block.entries().rev() {
            let entry = entry?;
            self.check_entry(&entry)?;
            let table = entry.address();
            let is_live = self.extents.get(table).is_some();
            match self.incarnations.take(table, entry.event(), is_live)? {
                Verdict::Live => {
                    if self.extents.len() >= self.limits.table_count_max {
                        return Err(Reason::Meaning("the log has more tables than its limit"));
                    }
                    if !is_in_use(grid, table) {
                        return Err(Reason::Meaning("a table of the log is not in use"));
                    }
                    self.extents.put(TableExtent { table, block: block.address(), entry: number });
                    self.statistics.tables_opened += 1;
                    report(&entry)?;
                }
                Verdict::Older => self.statistics.versions_passed += 1,
                Verdict::Cancelled => self.statistics.incarnations_cancelled += 1,
                Verdict::Removed => self.statistics.removes_passed += 1,
            }
        }
        Ok(())
    }

    /// Checks that the tree, the level and the address of an entry exist.
    fn check_entry(&self, entry: &LogEntry) -> Result<(), Reason> {
        if entry.tree() > self.options.tree_id_max {
            return Err(Reason::Meaning("the manifest log has a table of an unknown tree"));
        }
        if entry.level() >= self.options.level_count {
            return Err(Reason::Meaning("the manifest log has a table of an unknown level"));
        }
        if entry.address() > self.limits.block_count {
            return Err(Reason::Meaning("a table of the log is beyond the last block"));
        }
        Ok(())
    }
}

/// Whether this is the address of a block that is neither free nor about to become free.
fn is_in_use<S: Storage>(grid: &Grid<S>, address: u64) -> bool {
    (1..=grid.layout().block_count()).contains(&address)
        && grid.free_set().state(address) == BlockState::Acquired
}

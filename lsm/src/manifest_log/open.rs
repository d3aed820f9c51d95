//! Opening: the log is read from its newest block to its oldest, and says which tables there are.
//!
//! - As many blocks are read as the checkpoint says, the last of which is the one that it calls the oldest.
//! - Of each table that is live, the newest version is told, once.
//! - What checksums cannot prove is checked: blocks and tables are of addresses that are in use, each for one
//!   thing; there are no more than there can be; entries follow each other as they can have been written.
//!
//! What this does not do: it does not know whether a table is what its entry says.

use super::ManifestLog;
use super::block::LogBlock;
use super::compaction::Phase;
use super::entry::LogEntry;
use super::extents::TableExtent;
use super::incarnations::Verdict;
use crate::block::{BlockReference, Corruption, Place, Reason};
use crate::check::verify;
use crate::grid::free_set::BlockState;
use crate::grid::{Grid, GridError};
use crate::storage::Storage;
use crate::superblock::ManifestReferences;

impl ManifestLog {
    /// Opens the log that a checkpoint refers to, over a grid that was opened with the same checkpoint. Runs
    /// alone: all that completes meanwhile is the grid's own. Tells of each live table the newest version, with
    /// the level that it is at: an insert or an update. `report` may refuse what its tree cannot have.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or is not what it must be, or `report` refuses an entry. The log is then to
    /// be reset, and what was reported means nothing.
    ///
    /// # Panics
    ///
    /// If the log is open, or the grid is not.
    pub fn open<S: Storage>(
        &mut self,
        grid: &mut Grid<S>,
        references: &ManifestReferences,
        mut report: impl FnMut(&LogEntry) -> Result<(), Reason>,
    ) -> Result<(), GridError> {
        assert!(self.phase == Phase::Closed, "manifest_log: it must be closed to be opened");
        assert!(grid.free_set().is_open(), "manifest_log: the grid must be open before");
        let ManifestReferences { oldest, newest, block_count } = *references;
        let block_count = block_count as usize;
        if block_count > self.blocks_max {
            return Err(corruption(Place::Superblock, "the manifest log is longer than it can be"));
        }
        let mut next = newest;
        let mut place = Place::Superblock;
        for left in (0..block_count).rev() {
            if !is_in_use(grid, next.address) {
                return Err(corruption(place, "a block of the manifest log is not in use"));
            }
            if (left == 0) != (next == oldest) {
                return Err(corruption(place, "the manifest log has another length"));
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
                    "a block of the manifest log is a table's, too",
                ));
            }
        }
        self.incarnations.clear();
        self.phase = Phase::Idle;
        verify!(self.verify());
        Ok(())
    }

    /// Takes the entries of a block, behind which all were taken.
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
                    if self.extents.is_full() {
                        return Err(Reason::Meaning("the log has more tables than there can be"));
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

    /// Whether an entry is of a tree, a level and an address that there are.
    fn check_entry(&self, entry: &LogEntry) -> Result<(), Reason> {
        if entry.tree() > self.options.tree_id_max {
            return Err(Reason::Meaning("a table of the log is of a tree that is not there"));
        }
        if entry.level() >= self.options.level_count {
            return Err(Reason::Meaning("a table of the log is at a level that is not there"));
        }
        if entry.address() > self.block_count {
            return Err(Reason::Meaning("a table of the log is beyond the last block"));
        }
        Ok(())
    }
}

/// Whether there is a block of this address, and it is neither free nor about to be.
fn is_in_use<S: Storage>(grid: &Grid<S>, address: u64) -> bool {
    (1..=grid.layout().block_count()).contains(&address)
        && grid.free_set().state(address) == BlockState::Acquired
}

fn corruption(place: Place, what: &'static str) -> GridError {
    GridError::Corruption(Corruption { place, reason: Reason::Meaning(what) })
}

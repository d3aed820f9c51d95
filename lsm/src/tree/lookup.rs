//! The newest version of a key in the levels of a tree.
//!
//! ```text
//! Level 0          Level 1         Level 2
//! Index            no table        Index
//!   |  no entry ->         ------>   |  entry
//!   '- - - - - -                   Values ---- found: the lookup ends
//! ```
//!
//! - Levels are searched from the newest to the oldest. The first version that is found is the newest, and older
//!   levels are not read.
//! - A lookup reads at most two blocks of each table whose range has the key.
//! - Lookups do not depend on each other: the caller may have many under way.
//! - A damaged block is an error, never a wrong answer.
//!
//! A lookup does not search the memtables. While it is under way the tables of the tree must not change, so no
//! half-bar may end.

use std::task::{Poll, ready};

use super::Tree;
use crate::block::{BlockReference, Corruption};
use crate::grid::{Grid, GridError};
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{Fetch, Fetched, IndexEntry, TableLookup};

/// A lookup under way; see [`Tree::lookup`].
#[derive(Debug)]
pub struct TreeLookup<R: Record> {
    key: R::Key,
    /// The level that is searched.
    level: u32,
    step: LookupStep<R::Key>,
    reads: u32,
    last_read: Option<BlockReference>,
}

/// How far the search of a level is.
#[derive(Debug)]
enum LookupStep<K> {
    /// The table that may have the key is not known yet.
    Level,
    /// The index block of the table is fetched.
    Index(Fetch),
    /// The value block that may have the key is fetched.
    Values(IndexEntry<K>, Fetch),
}

/// What blocks in memory say about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedLookup<R> {
    /// The newest version of the key on disk, which may be a tombstone.
    Found {
        /// The record.
        record: R,
        /// The level that has it.
        level: u32,
    },
    /// No level has the key.
    Absent,
    /// No level above this one has the key. This level may have it: one of its blocks is not in memory.
    Possible {
        /// The level from which the device has to be asked.
        level: u32,
    },
}

impl<R: Record> TreeLookup<R> {
    #[inline]
    pub(super) fn new(key: R::Key, level_min: u32) -> Self {
        Self { key, level: level_min, step: LookupStep::Level, reads: 0, last_read: None }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> R::Key {
        self.key
    }

    /// How many blocks were needed so far.
    #[must_use]
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// The block that was needed last.
    #[must_use]
    pub fn last_read(&self) -> Option<BlockReference> {
        self.last_read
    }

    /// Goes on as far as possible without waiting. Returns the newest version of the key on disk, which may be a
    /// tombstone, or that there is none. Returns `None` while the device is asked: call again after a step of the
    /// grid. The lookup has ended after any other answer, and must not be advanced again.
    ///
    /// # Errors
    ///
    /// If a block is damaged or cannot be read.
    pub fn advance<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Option<Result<Option<R>, GridError>> {
        match self.search(tree, |block| block.poll(grid)) {
            Poll::Ready(found) => Some(found),
            Poll::Pending => None,
        }
    }

    /// Goes on as far as the blocks in memory suffice.
    pub(super) fn advance_cached<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Result<CachedLookup<R>, GridError> {
        let found = self.search(tree, |block| block.poll_cached(grid));
        let level = self.level;
        Ok(match found {
            Poll::Ready(Ok(Some(record))) => CachedLookup::Found { record, level },
            Poll::Ready(Ok(None)) => CachedLookup::Absent,
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => CachedLookup::Possible { level },
        })
    }

    /// Gives the lookup up.
    pub fn abandon<S: Storage>(self, grid: &mut Grid<S>) {
        match self.step {
            LookupStep::Level => {}
            LookupStep::Index(block) | LookupStep::Values(_, block) => block.abandon(grid),
        }
    }

    /// Searches level after level, with the blocks that `poll` gives.
    fn search(
        &mut self,
        tree: &Tree<R>,
        mut poll: impl FnMut(&mut Fetch) -> Fetched,
    ) -> Poll<Result<Option<R>, GridError>> {
        let table = TableLookup::new(tree.layout(), tree.id(), self.key);
        loop {
            match &mut self.step {
                LookupStep::Level => {
                    let Some(index) = self.next_table(tree) else { return Poll::Ready(Ok(None)) };
                    self.step = LookupStep::Index(self.fetch(index));
                }
                LookupStep::Index(fetch) => {
                    let block = ready!(poll(fetch))?;
                    let entry = table
                        .index_block(block.contents(), block.body())
                        .map_err(|reason| Corruption::of_block(block.reference(), reason))?;
                    match entry {
                        Some(entry) => {
                            self.step = LookupStep::Values(entry, self.fetch(entry.reference));
                        }
                        None => self.next_level(),
                    }
                }
                LookupStep::Values(entry, fetch) => {
                    let block = ready!(poll(fetch))?;
                    let record = table
                        .value_block::<R>(entry, block.contents(), block.body())
                        .map_err(|reason| Corruption::of_block(block.reference(), reason))?;
                    if let Some(record) = record {
                        return Poll::Ready(Ok(Some(*record)));
                    }
                    self.next_level();
                }
            }
        }
    }

    /// The index block of the next table whose range has the key: at most one a level.
    fn next_table(&mut self, tree: &Tree<R>) -> Option<BlockReference> {
        let levels = tree.manifest().levels().len() as u32;
        while self.level < levels {
            if let Some(table) = tree.manifest().table_for(self.level, self.key) {
                return Some(table.reference());
            }
            self.level += 1;
        }
        None
    }

    fn next_level(&mut self) {
        self.level += 1;
        self.step = LookupStep::Level;
    }

    fn fetch(&mut self, block: BlockReference) -> Fetch {
        self.reads += 1;
        self.last_read = Some(block);
        Fetch::new(block)
    }
}

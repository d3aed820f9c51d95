//! Finds the newest version of a key in the levels of a tree.
//!
//! ```text
//! level 0    index block: no such key      -> next level
//! level 1    no table range has the key    -> next level
//! level 2    index block -> value block: the newest version, and the end of the lookup
//! ```
//!
//! - Levels are searched from the newest to the oldest. The first version that is found is the
//!   newest, and older levels are not read.
//! - A lookup reads at most two blocks of each table whose range has the key.
//! - Lookups do not depend on each other, so several may be under way.
//! - A damaged block is an error, never a wrong answer.
//!
//! A lookup does not search the memtables. No half-bar may end while it is under way.

use std::task::{Poll, ready};

use super::Tree;
use crate::block::{BlockReference, Corruption};
use crate::grid::{Grid, GridError, ReadTicket};
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

/// The progress of the search in a level.
#[derive(Debug)]
enum LookupStep<K> {
    /// The table whose key range has the key is not searched for yet.
    Level,
    /// The index block of the table is fetched.
    Index(Fetch),
    /// The value block that may have the key is fetched.
    Values(IndexEntry<K>, Fetch),
}

/// The result of a lookup that uses only blocks in memory.
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
    /// A block of this level is not in memory. No newer level that was searched has the key.
    Possible {
        /// The level at which a lookup continues with the device.
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

    /// How many blocks were requested, from memory or from the device.
    #[must_use]
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// The block that was requested last.
    #[must_use]
    pub fn last_read(&self) -> Option<BlockReference> {
        self.last_read
    }

    /// Continues as far as possible without waiting. Returns `None` if the lookup waits for the
    /// device: call this again after a step of the grid. Otherwise the lookup has ended, with the
    /// newest version of the key on disk, which may be a tombstone, or with `None` if no level has
    /// the key.
    ///
    /// # Errors
    ///
    /// Returns an error if a block is damaged or cannot be read.
    ///
    /// # Panics
    ///
    /// May panic if the lookup has ended.
    pub fn advance<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Option<Result<Option<R>, GridError>> {
        match self.search(tree, grid, Fetch::poll) {
            Poll::Ready(found) => Some(found),
            Poll::Pending => None,
        }
    }

    /// Continues as long as the blocks are in memory.
    pub(super) fn advance_cached<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Result<CachedLookup<R>, GridError> {
        let found = self.search(tree, grid, Fetch::poll_cached);
        let level = self.level;
        Ok(match found {
            Poll::Ready(Ok(Some(record))) => CachedLookup::Found { record, level },
            Poll::Ready(Ok(None)) => CachedLookup::Absent,
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => CachedLookup::Possible { level },
        })
    }

    /// Whether the lookup waits for the device.
    #[inline]
    pub(crate) fn is_waiting<S: Storage>(&self, grid: &Grid<S>) -> bool {
        match &self.step {
            LookupStep::Level => false,
            LookupStep::Index(block) | LookupStep::Values(_, block) => block.is_waiting(grid),
        }
    }

    /// The ticket of the read that the lookup waits for, if it waits.
    pub(crate) fn ticket(&self) -> Option<&ReadTicket> {
        match &self.step {
            LookupStep::Level => None,
            LookupStep::Index(block) | LookupStep::Values(_, block) => block.ticket(),
        }
    }

    /// Abandons the lookup.
    pub fn abandon<S: Storage>(self, grid: &mut Grid<S>) {
        match self.step {
            LookupStep::Level => {}
            LookupStep::Index(block) | LookupStep::Values(_, block) => block.abandon(grid),
        }
    }

    /// Searches level by level, with the blocks that `poll` returns.
    fn search<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
        poll: impl Fn(&mut Fetch, &mut Grid<S>) -> Fetched,
    ) -> Poll<Result<Option<R>, GridError>> {
        let table = TableLookup::new(tree.layout(), tree.id(), self.key);
        loop {
            match &mut self.step {
                LookupStep::Level => {
                    let Some(index) = self.next_table(tree) else { return Poll::Ready(Ok(None)) };
                    self.step = LookupStep::Index(self.fetch(index));
                }
                LookupStep::Index(fetch) => {
                    let block = ready!(poll(fetch, grid))?;
                    if !block.is_checked() {
                        tree.check_index(self.level, self.key, &block, grid)?;
                    }
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
                    let block = ready!(poll(fetch, grid))?;
                    if !block.is_checked() {
                        tree.check_values(&block, grid)?;
                    }
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

    /// The index block of the next table whose range has the key. A level has at most one.
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

//! Gives up tables that cannot be read, so that merges and writes go on without them.
//!
//! ```text
//! read the tables of a range       which of them have a block that cannot be read?
//! read all other indexes           which blocks does the store still need?
//! a half-bar of the manifest log   an entry for each table that is given up
//! release                          all blocks in use that nothing refers to any more
//! ```
//!
//! - Until the half-bar of the log begins, nothing changes. It may fail at any later time: then the
//!   store is read-only, and opens at its last checkpoint, which has the tables.
//! - The value blocks of a table whose index cannot be read are unknown. So all blocks in use are
//!   compared with those that the other tables, the log and the free set of the last checkpoint
//!   have. No block stays in use for ever.
//! - The next checkpoint makes the loss durable. Until it is durable, no block of the tables is
//!   overwritten.

use super::{Forest, StoreError};
use crate::beat::BeatError;
use crate::grid::free_set::{BlockSet, BlockState};
use crate::grid::{GridError, Stepped};
use crate::manifest::KeyRange;
use crate::record::{Record, Usage};
use crate::storage::Storage;
use crate::tree::{Tree, UnreadableTable};

impl<R: Record, S: Storage> Forest<Tree<R>, S> {
    /// Gives up the tables that overlap a range and have a block that cannot be read. Returns them.
    ///
    /// # Errors
    ///
    /// See [`Store::give_up`](crate::store::Store::give_up).
    pub(crate) fn give_up(
        &mut self,
        keys: KeyRange<R::Key>,
    ) -> Result<Vec<UnreadableTable<R::Key>>, StoreError> {
        if R::USAGE == Usage::SecondaryIndex {
            return Err(StoreError::IndexIsNotGivenUp);
        }
        if self.beat_number() != self.superblock.working().state().beat || !self.trees.is_at_rest()
        {
            return Err(StoreError::NotJustOpened);
        }
        while self.step() {}
        let lost = self.trees.unreadable_tables(keys, &mut self.grid)?;
        if lost.is_empty() {
            return Ok(lost);
        }
        let mut needed = self.blocks_needed_without(&lost)?;
        let entries_max = self.log.pace().entries_max() as usize;
        for (number, part) in lost.chunks(entries_max).enumerate() {
            match self.log.compact_begin(part.len() as u64, &mut self.grid) {
                Ok(()) => self.append_lost(part).map_err(|error| self.fail(error))?,
                // Nothing has changed.
                Err(error) if number == 0 => return Err(error.into()),
                Err(error) => return Err(self.fail(error)),
            }
        }
        self.release_except(&mut needed);
        let Self { scheduler, trees, log, grid, .. } = self;
        scheduler.measure(trees, log, grid);
        Ok(lost)
    }

    /// The blocks of all tables except these.
    fn blocks_needed_without(
        &mut self,
        lost: &[UnreadableTable<R::Key>],
    ) -> Result<BlockSet, GridError> {
        let words = self.grid.layout().block_count().div_ceil(u64::BITS.into());
        let mut needed = BlockSet::new(words as usize);
        self.trees.add_blocks_except(lost, &mut self.grid, &mut needed)?;
        Ok(needed)
    }

    /// Runs the half-bar of the log that has begun: these tables leave their levels.
    fn append_lost(&mut self, lost: &[UnreadableTable<R::Key>]) -> Result<(), GridError> {
        loop {
            match self.log.advance(&mut self.grid) {
                Some(advanced) => break advanced?,
                None => self.step_for_log()?,
            }
        }
        let Self { grid, pool, log, trees, .. } = self;
        for table in lost {
            trees.give_up(table, pool, log, grid);
        }
        while !self.log.compact_end(&mut self.grid) {
            self.step_for_log()?;
        }
        self.log.failed().or(self.grid.failed().map(GridError::Failed)).map_or(Ok(()), Err)
    }

    fn step_for_log(&mut self) -> Result<(), GridError> {
        match self.grid.step() {
            Stepped::Progress => Ok(()),
            Stepped::Nothing => Err(GridError::Gone),
            Stepped::Foreign(completion) => {
                unreachable!("forest: nothing waits for this between beats ({completion:?})")
            }
        }
    }

    /// Releases the blocks in use that neither the tables nor the log need.
    fn release_except(&mut self, needed: &mut BlockSet) {
        let Self { grid, log, .. } = self;
        for address in log.block_addresses() {
            needed.insert((address - 1) as usize);
        }
        let in_use = grid.free_set().in_use();
        let lost: Vec<u64> = in_use
            .filter(|(_, state)| *state == BlockState::Acquired)
            .map(|(address, _)| address)
            .filter(|address| !needed.contains((address - 1) as usize))
            .collect();
        lost.into_iter().for_each(|address| grid.release(address));
    }

    /// Makes the forest read-only.
    fn fail(&mut self, error: GridError) -> StoreError {
        let error = BeatError::Grid(error);
        StoreError::ReadOnly(
            self.with(|scheduler, trees, context| scheduler.fail(error, trees, context)),
        )
    }
}

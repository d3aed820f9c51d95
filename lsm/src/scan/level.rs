//! The records of a range in one level, table by table and block by block.
//!
//! ```text
//! Seeking --next table--> Index --> Seeking --next block--> Values --> Seeking --> .. --> Ended
//! ```
//!
//! - In the scan's direction, all keys of a table are after those of the table before it.
//! - At most one index block and one value block are in use at a time.
//! - A block is checked when it is fetched: the keys of an index ascend, and are in the key range
//!   of its table; the keys of a value block ascend, and are in the key range of its index entry.
//!   So the keys of the stream are in order.
//! - When the range is narrowed, a block that was fetched or requested is kept if it may have keys
//!   of the new range.
//! - After a change of the tree the stream must be restarted.

use std::ops::Range;
use std::task::{Poll, ready};

use zerocopy::FromBytes as _;

use crate::block::{Corruption, Reason};
use crate::collections::Direction;
use crate::grid::{BlockHandle, Grid, GridError};
use crate::manifest::{KeyRange, SNAPSHOT_LATEST};
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{Fetch, IndexBlock, indices_in};
use crate::tree::Tree;

/// The stream of one level; see the [module](self).
#[derive(Debug)]
pub(super) struct LevelStream<R: Record> {
    level: u32,
    range: KeyRange<R::Key>,
    direction: Direction,
    /// The last key, in the scan's direction, of the table that was found last.
    beyond: Option<R::Key>,
    step: LevelStep<R::Key>,
    index: Option<BlockHandle>,
    /// The numbers of the table's value blocks that may have keys of the range and were not
    /// requested yet.
    blocks: Range<usize>,
    values: Option<BlockHandle>,
    /// The records of the value block that are in the range and were not returned yet.
    records: Range<usize>,
}

/// What the stream is waiting for.
#[derive(Debug)]
enum LevelStep<K> {
    /// Nothing: the stream must find the next block or table.
    Seeking,
    Index(Fetch),
    /// The value block with this number.
    Values(usize, Fetch),
    Ended,
    /// A block that has some of these keys could not be read.
    Failed(GridError, KeyRange<K>),
}

/// The next element of the stream of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LevelHead<K> {
    Key(K),
    Waiting,
    Ended,
}

impl<R: Record> LevelStream<R> {
    /// A stream that has ended.
    pub(super) fn new(level: u32) -> Self {
        let key = R::Key::default();
        Self {
            level,
            range: KeyRange { min: key, max: key },
            direction: Direction::Ascending,
            beyond: None,
            step: LevelStep::Ended,
            index: None,
            blocks: 0..0,
            values: None,
            records: 0..0,
        }
    }

    /// Starts with a range.
    pub(super) fn start<S: Storage>(
        &mut self,
        range: KeyRange<R::Key>,
        direction: Direction,
        grid: &mut Grid<S>,
    ) {
        self.abandon(grid);
        self.range = range;
        self.direction = direction;
        self.beyond = None;
        self.step = LevelStep::Seeking;
    }

    /// Continues with a part of the range that ends at the same key in the scan's direction. Blocks
    /// that were fetched or requested are kept if they may have keys of that part.
    pub(super) fn narrow<S: Storage>(
        &mut self,
        range: KeyRange<R::Key>,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) {
        self.range = range;
        if let Some(index) = self.index(tree) {
            let blocks = intersection(&self.blocks, &index.overlapping(&range));
            self.blocks = blocks;
        }
        if let Some(block) = &self.values {
            let in_range = indices_in(checked_values::<R>(block), &range);
            self.records = intersection(&self.records, &in_range);
        }
        let is_of_use = match &self.step {
            LevelStep::Index(_) => self.beyond.is_some_and(|beyond| match self.direction {
                Direction::Ascending => beyond >= range.min,
                Direction::Descending => beyond <= range.max,
            }),
            LevelStep::Values(number, _) => {
                self.index(tree).is_some_and(|index| index.overlapping(&range).contains(number))
            }
            LevelStep::Seeking | LevelStep::Ended | LevelStep::Failed(..) => return,
        };
        if !is_of_use {
            self.abandon_step(LevelStep::Seeking, grid);
        }
    }

    /// Releases all blocks, abandons the request, and ends the stream.
    pub(super) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        self.abandon_step(LevelStep::Ended, grid);
        self.index = None;
        self.blocks = 0..0;
        self.values = None;
        self.records = 0..0;
    }

    fn abandon_step<S: Storage>(&mut self, next: LevelStep<R::Key>, grid: &mut Grid<S>) {
        match std::mem::replace(&mut self.step, next) {
            LevelStep::Index(fetch) | LevelStep::Values(_, fetch) => fetch.abandon(grid),
            LevelStep::Seeking | LevelStep::Ended | LevelStep::Failed(..) => {}
        }
    }

    /// The error that ended the stream, and the keys that the block may contain that it is about.
    pub(super) fn failed(&self) -> Option<(GridError, KeyRange<R::Key>)> {
        match self.step {
            LevelStep::Failed(error, keys) => Some((error, keys)),
            _ => None,
        }
    }

    /// Goes on behind the block because of which the stream has failed.
    pub(super) fn pass_over_lost(&mut self) {
        self.step = LevelStep::Seeking;
    }

    /// The keys that the block may contain that was requested: those of the table of an index, or
    /// those of an entry of the index.
    fn requested(&self, tree: &Tree<R>) -> KeyRange<R::Key> {
        let keys = match (&self.step, self.beyond) {
            (LevelStep::Values(number, _), _) => self.index(tree).map(|index| {
                let entry = index.entry(*number);
                KeyRange { min: entry.key_min, max: entry.key_max }
            }),
            (_, Some(beyond)) => tree
                .manifest()
                .table_for(self.level, beyond)
                .map(|table| KeyRange { min: table.key_min, max: table.key_max }),
            (_, None) => None,
        };
        keys.unwrap_or(self.range)
    }

    /// The next record, if it is in memory.
    #[inline]
    fn front(&self) -> Option<&R> {
        let place = match self.direction {
            Direction::Ascending => self.records.start,
            // If no records are left, the index is not used.
            Direction::Descending => self.records.end.wrapping_sub(1),
        };
        if self.records.is_empty() {
            return None;
        }
        self.values.as_ref().map(|block| &checked_values::<R>(block)[place])
    }

    /// Whether the stream has no record in memory, and has not ended.
    #[inline]
    pub(super) fn is_dry(&self) -> bool {
        self.records.is_empty() && !matches!(self.step, LevelStep::Ended)
    }

    /// The next element of the stream.
    #[inline]
    pub(super) fn head(&self) -> LevelHead<R::Key> {
        match self.front() {
            Some(record) => LevelHead::Key(record.key()),
            None if matches!(self.step, LevelStep::Ended) => LevelHead::Ended,
            None => LevelHead::Waiting,
        }
    }

    /// Takes the next record.
    ///
    /// # Panics
    ///
    /// If the record is not in memory.
    #[inline]
    pub(super) fn pop(&mut self) -> R {
        let record = *self.front().expect("scan: a stream has the record whose key it gave");
        match self.direction {
            Direction::Ascending => self.records.start += 1,
            Direction::Descending => self.records.end -= 1,
        }
        record
    }

    /// Continues to the next record, as far as possible without waiting.
    #[inline]
    pub(super) fn advance<S: Storage>(&mut self, tree: &Tree<R>, grid: &mut Grid<S>) {
        while self.records.is_empty() {
            match self.advance_step(tree, grid) {
                Poll::Ready(Ok(step)) => self.step = step,
                Poll::Ready(Err(error)) => {
                    self.step = LevelStep::Failed(error, self.requested(tree));
                }
                Poll::Pending => return,
            }
        }
    }

    /// Does the current step, and returns the next one.
    fn advance_step<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Poll<Result<LevelStep<R::Key>, GridError>> {
        match &mut self.step {
            LevelStep::Seeking => return Poll::Ready(Ok(self.seek(tree))),
            LevelStep::Index(fetch) => {
                let block = ready!(fetch.poll(grid))?;
                self.take_index(block, tree, grid)?;
            }
            LevelStep::Values(number, fetch) => {
                let number = *number;
                let block = ready!(fetch.poll(grid))?;
                self.take_values(number, block, tree, grid)?;
            }
            LevelStep::Ended | LevelStep::Failed(..) => return Poll::Pending,
        }
        Poll::Ready(Ok(LevelStep::Seeking))
    }

    /// Finds the next value block, or the index of the next table.
    fn seek(&mut self, tree: &Tree<R>) -> LevelStep<R::Key> {
        self.values = None;
        let next = match self.direction {
            Direction::Ascending => self.blocks.next(),
            Direction::Descending => self.blocks.next_back(),
        };
        if let Some(number) = next {
            let Some(index) = self.index(tree) else {
                unreachable!("scan: the index of a block that is requested is held");
            };
            return LevelStep::Values(number, Fetch::new(index.reference(number)));
        }
        self.index = None;
        let level = &tree.manifest().levels()[self.level as usize];
        let table = level.next_table(SNAPSHOT_LATEST, self.range, self.beyond, self.direction);
        let Some(table) = table.map(|found| *found.table) else { return LevelStep::Ended };
        self.beyond = Some(match self.direction {
            Direction::Ascending => table.key_max,
            Direction::Descending => table.key_min,
        });
        LevelStep::Index(Fetch::new(table.reference()))
    }

    fn index(&self, tree: &Tree<R>) -> Option<IndexBlock<'_, R::Key>> {
        let block = self.index.as_ref()?;
        let index = IndexBlock::decode(tree.layout(), tree.id(), block.contents(), block.body());
        Some(index.expect("scan: an index that is held was checked"))
    }

    fn take_index<S: Storage>(
        &mut self,
        block: BlockHandle,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Result<(), Corruption> {
        if !block.is_checked() {
            let Some(key) = self.beyond else {
                unreachable!("scan: the table of an index that was requested is known");
            };
            tree.check_index(self.level, key, &block, grid)?;
        }
        let index = IndexBlock::decode(tree.layout(), tree.id(), block.contents(), block.body())
            .map_err(|reason| Corruption::of_block(block.reference(), reason))?;
        // The range may be between two blocks. Then it overlaps none.
        self.blocks = index.overlapping(&self.range);
        self.index = Some(block);
        Ok(())
    }

    fn take_values<S: Storage>(
        &mut self,
        number: usize,
        block: BlockHandle,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Result<(), Corruption> {
        if !block.is_checked() {
            tree.check_values(&block, grid)?;
        }
        self.records = self
            .select_values(number, &block, tree)
            .map_err(|reason| Corruption::of_block(block.reference(), reason))?;
        self.values = Some(block);
        Ok(())
    }

    /// Compares a value block with its entry in the index. Returns its records that are in the
    /// range.
    fn select_values(
        &self,
        number: usize,
        block: &BlockHandle,
        tree: &Tree<R>,
    ) -> Result<Range<usize>, Reason> {
        let Some(index) = self.index(tree) else {
            unreachable!("scan: the index of a block that was requested is held");
        };
        let entry = index.entry(number);
        let values =
            entry.value_block::<R>(tree.layout(), tree.id(), block.contents(), block.body())?;
        Ok(indices_in(values.records(), &self.range))
    }
}

/// The records of a value block that was checked.
#[inline]
fn checked_values<R: Record>(block: &BlockHandle) -> &[R] {
    let Ok(records) = <[R]>::ref_from_bytes(block.body()) else {
        unreachable!("scan: a value block that is held was checked");
    };
    records
}

/// The intersection of two ranges, which may be empty.
fn intersection(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    let start = one.start.max(other.start);
    start..one.end.min(other.end).max(start)
}

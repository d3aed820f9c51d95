//! Reads tables one after the other, some blocks ahead of the merge.
//!
//! ```text
//! tables        t0             t1             t2 ..
//! indexes       [ held ]       [ asked ]
//! value blocks  . . [ head ][ held ][ asked ]   . .
//!         released ^          read ahead ^
//! ```
//!
//! - Blocks are read in order and verified: an index against its table, a value block against its
//!   index. A damaged block is an error.
//! - At most `ahead` value blocks and the indexes of two tables are in memory or requested.
//! - A value block is released when all its records are consumed. An index is released when all
//!   records of its table are consumed.
//! - Opening a store reads no tables, so two tables with valid checksums may refer to the same
//!   block. The first release of such a block is not noticed, and the other table may later be
//!   reported as damaged. The second release is an error: the state of a block is checked before
//!   its release, in constant time.

use std::collections::VecDeque;
use std::task::Poll;

use super::merge_step::Row;
use crate::block::{BlockReference, Corruption, Reason};
use crate::grid::free_set::BlockState;
use crate::grid::{BlockHandle, Grid, GridError};
use crate::manifest::TableInfo;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{Fetch, IndexBlock, TableLayout, TableVerification, ValueBlock};

/// The maximum number of indexes that are in memory or requested.
const INDEXES: usize = 2;

/// A block that is requested or in memory.
#[derive(Debug)]
enum ReaderBlock {
    Asked(Fetch),
    /// The block is in memory and verified.
    Held(BlockHandle),
}

/// The reader of tables; see the [module](self).
#[derive(Debug)]
pub(super) struct TablesReader<R: Record> {
    layout: TableLayout,
    tree: u16,
    ahead: usize,
    tables: Vec<TableInfo<R::Key>>,
    indexes: VecDeque<ReaderBlock>,
    values: VecDeque<ReaderBlock>,
    /// The first table with records that are not consumed.
    table: usize,
    /// The first value block of this table with records that are not consumed.
    block: usize,
    /// The first record of this block that is not consumed.
    record: usize,
    /// The table and the number of the value block to request next.
    next: (usize, usize),
}

impl<R: Record> TablesReader<R> {
    /// Creates a reader of up to `tables_max` tables that reads `ahead` value blocks ahead. All
    /// memory is allocated here.
    pub(super) fn new(layout: TableLayout, tree: u16, tables_max: usize, ahead: usize) -> Self {
        assert!(ahead > 0, "compaction: at least one block must be read ahead");
        Self {
            layout,
            tree,
            ahead,
            tables: Vec::with_capacity(tables_max),
            indexes: VecDeque::with_capacity(INDEXES),
            values: VecDeque::with_capacity(ahead),
            table: 0,
            block: 0,
            record: 0,
            next: (0, 0),
        }
    }

    /// Begins to read tables, which must be in the order of their keys.
    pub(super) fn begin(&mut self, tables: impl Iterator<Item = TableInfo<R::Key>>) {
        self.assert_idle();
        self.tables.clear();
        self.tables.extend(tables);
        self.table = 0;
        self.block = 0;
        self.record = 0;
        self.next = (0, 0);
    }

    /// # Panics
    ///
    /// If a block is in memory or requested.
    pub(super) fn assert_idle(&self) {
        assert!(
            self.indexes.is_empty() && self.values.is_empty(),
            "compaction: no block may be held between compactions",
        );
    }

    /// Abandons all blocks.
    pub(super) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for block in self.indexes.drain(..).chain(self.values.drain(..)) {
            if let ReaderBlock::Asked(fetch) = block {
                fetch.abandon(grid);
            }
        }
        self.tables.clear();
        self.table = 0;
    }

    /// Returns the remaining records of the head, or `None` if this block has not arrived yet.
    /// After the last table the row is empty and ended.
    pub(super) fn head(&self) -> Option<Row<'_, R>> {
        if self.table == self.tables.len() {
            return Some(Row { records: &[], ended: true });
        }
        let (Some(ReaderBlock::Held(_)), Some(ReaderBlock::Held(block))) =
            (self.indexes.front(), self.values.front())
        else {
            return None;
        };
        let values = ValueBlock::decode(&self.layout, self.tree, block.contents(), block.body());
        let values = values.expect("compaction: a block that is held was checked");
        Some(Row { records: &values.records()[self.record..], ended: false })
    }

    /// Takes the blocks that have arrived, and requests the next ones.
    ///
    /// # Errors
    ///
    /// Returns an error if a block is damaged or cannot be read.
    pub(super) fn advance<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<(), GridError> {
        for number in 0..self.indexes.len() {
            self.take_index(number, grid)?;
        }
        let mut place = (self.table, self.block);
        for number in 0..self.values.len() {
            self.take_values(number, place, grid)?;
            place = self.place_after(place);
        }
        while self.ask_index(grid)? || self.ask_values(grid)? {}
        Ok(())
    }

    /// Requests the index of the next table, unless `INDEXES` are in memory or requested. Returns
    /// whether an index was requested.
    fn ask_index<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<bool, GridError> {
        let number = self.indexes.len();
        if number == INDEXES || self.table + number >= self.tables.len() {
            return Ok(false);
        }
        let reference = self.tables[self.table + number].reference();
        self.indexes.push_back(ReaderBlock::Asked(Fetch::new(reference)));
        self.take_index(number, grid)?;
        Ok(true)
    }

    /// Requests the next value block, unless `ahead` are in memory or requested. Returns whether a
    /// block was requested.
    fn ask_values<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<bool, GridError> {
        let (table, block) = self.next;
        if self.values.len() == self.ahead || table == self.tables.len() {
            return Ok(false);
        }
        let Some(index) = self.index(table) else { return Ok(false) };
        let fetch = Fetch::new(index.reference(block));
        self.values.push_back(ReaderBlock::Asked(fetch));
        self.take_values(self.values.len() - 1, self.next, grid)?;
        self.next = self.place_after(self.next);
        Ok(true)
    }

    /// Takes an index if it was requested and has arrived.
    fn take_index<S: Storage>(
        &mut self,
        number: usize,
        grid: &mut Grid<S>,
    ) -> Result<(), GridError> {
        let ReaderBlock::Asked(fetch) = &mut self.indexes[number] else { return Ok(()) };
        let Poll::Ready(block) = fetch.poll(grid) else { return Ok(()) };
        let block = block?;
        self.check_index(self.table + number, &block)?;
        self.indexes[number] = ReaderBlock::Held(block);
        Ok(())
    }

    /// Takes the value block at this place, if it was requested and has arrived.
    fn take_values<S: Storage>(
        &mut self,
        number: usize,
        place: (usize, usize),
        grid: &mut Grid<S>,
    ) -> Result<(), GridError> {
        let ReaderBlock::Asked(fetch) = &mut self.values[number] else { return Ok(()) };
        let Poll::Ready(block) = fetch.poll(grid) else { return Ok(()) };
        let block = block?;
        self.check_values(place, &block)?;
        self.values[number] = ReaderBlock::Held(block);
        Ok(())
    }

    fn check_index(&self, table: usize, block: &BlockHandle) -> Result<(), Corruption> {
        let verification = TableVerification::new(&self.layout, self.tree, &self.tables[table]);
        verification.index_block(block.contents(), block.body()).map(drop)
    }

    /// Verifies a value block. The index of its table must be in memory.
    fn check_values(
        &self,
        (table, number): (usize, usize),
        block: &BlockHandle,
    ) -> Result<(), Corruption> {
        let Some(index) = self.index(table) else {
            unreachable!("compaction: the index of a block that was requested is held");
        };
        let verification = TableVerification::new(&self.layout, self.tree, &self.tables[table]);
        let entry = index.entry(number);
        verification.value_block::<R>(number, &entry, block.contents(), block.body()).map(drop)
    }

    /// Returns the index of a table if it is in memory.
    fn index(&self, table: usize) -> Option<IndexBlock<'_, R::Key>> {
        let ReaderBlock::Held(block) = self.indexes.get(table.checked_sub(self.table)?)? else {
            return None;
        };
        let index = IndexBlock::decode(&self.layout, self.tree, block.contents(), block.body());
        Some(index.expect("compaction: an index that is held was checked"))
    }

    /// Returns the table and the value block after these. The index of the table must be in memory.
    fn place_after(&self, (table, block): (usize, usize)) -> (usize, usize) {
        let count = self.index(table).map_or(0, |index| index.value_block_count());
        if block + 1 < count { (table, block + 1) } else { (table + 1, 0) }
    }

    /// Consumes `count` records of the head. Releases the value block and the index once all their
    /// records are consumed. `is_table` says whether this is the address of the index of a live
    /// table.
    ///
    /// # Errors
    ///
    /// Returns an error if the value block is known to be in use by another table.
    pub(super) fn consume<S: Storage>(
        &mut self,
        count: usize,
        is_table: impl Fn(u64) -> bool,
        grid: &mut Grid<S>,
    ) -> Result<(), Corruption> {
        if count == 0 {
            return Ok(());
        }
        let Some(Row { records, ended: false, .. }) = self.head() else {
            unreachable!("compaction: used records are in the head");
        };
        let left = records.len() - count;
        self.record += count;
        if left > 0 {
            return Ok(());
        }
        self.record = 0;
        let (Some(ReaderBlock::Held(index)), Some(ReaderBlock::Held(values))) =
            (self.indexes.front(), self.values.front())
        else {
            unreachable!("compaction: the blocks of the head are held");
        };
        check_release(values.reference(), is_table, grid)?;
        grid.release(values.reference().address);
        let (table, block) = self.place_after((self.table, self.block));
        if table > self.table {
            grid.release(index.reference().address);
            self.indexes.pop_front();
        }
        self.values.pop_front();
        (self.table, self.block) = (table, block);
        Ok(())
    }
}

/// Checks that nothing else uses a value block whose records are consumed. Opening has checked that
/// no two tables have the same index, and that all indexes are in use.
fn check_release<S: Storage>(
    block: BlockReference,
    is_table: impl Fn(u64) -> bool,
    grid: &Grid<S>,
) -> Result<(), Corruption> {
    let reason = if grid.free_set().state(block.address) != BlockState::Acquired {
        "a value block was released, or two tables have it"
    } else if is_table(block.address) {
        "a value block has the address of another table's index"
    } else {
        return Ok(());
    };
    Err(Corruption::of_block(block, Reason::Meaning(reason)))
}

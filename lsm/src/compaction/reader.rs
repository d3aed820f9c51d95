//! Reads tables one after the other, ahead of who uses them up.
//!
//! ```text
//! tables        t0             t1             t2 ..
//! indexes       [ held ]       [ asked ]
//! value blocks  . . [ head ][ held ][ asked ]   . .
//!               released ^            ^ ahead
//! ```
//!
//! - Blocks are given in order, whole: each is checked against its index and the index against its table. What is
//!   wrong is an error, and never given.
//! - As many value blocks are held or asked for as `ahead` says, and the indexes of two tables.
//! - A block is released when all of it is used up, and the index of a table when all of the table is.
//!
//! What it does not do: it waits for nothing.

use std::collections::VecDeque;

use crate::block::{BlockReference, Corruption, Place, Reason};
use crate::grid::{BlockHandle, Caching, Grid, GridError, ReadOutcome, ReadTicket};
use crate::manifest::TableInfo;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{IndexBlock, TableLayout, TableVerification, ValueBlock};

/// The tables whose indexes are held or asked for.
const INDEXES: usize = 2;

/// A block that was asked for.
#[derive(Debug)]
enum Slot {
    /// Without a ticket: the answer was an error.
    Asked(Option<ReadTicket>),
    Held(BlockHandle),
}

/// Reads tables; see the [module](self).
#[derive(Debug)]
pub(super) struct TablesReader<R: Record> {
    layout: TableLayout,
    tree: u16,
    ahead: usize,
    tables: Vec<TableInfo<R::Key>>,
    indexes: VecDeque<Slot>,
    values: VecDeque<Slot>,
    /// The first table that is not used up.
    table: usize,
    /// Its first value block that is not used up.
    block: usize,
    /// The first record of that which is not used up.
    record: usize,
    /// The table and the value block to ask for next.
    next: (usize, usize),
}

/// What a reader has.
#[derive(Debug)]
pub(super) enum Head<'a, R> {
    /// Records, one or more.
    Records(&'a [R]),
    /// Nothing yet.
    Waiting,
    /// Nothing any more.
    Ended,
}

impl<R: Record> TablesReader<R> {
    /// A reader of no tables, with room for `tables_max` of them, that reads `ahead` value blocks ahead. All memory
    /// is allocated here.
    pub(super) fn new(layout: TableLayout, tree: u16, tables_max: usize, ahead: usize) -> Self {
        assert!(ahead > 0, "compaction: a block must be read to be merged");
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

    /// Begins to read these tables, which are in the order of their keys.
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
    /// If a block is held or asked for.
    pub(super) fn assert_idle(&self) {
        assert!(
            self.indexes.is_empty() && self.values.is_empty(),
            "compaction: no block must be held between compactions",
        );
    }

    /// Lets go of everything.
    pub(super) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for slot in self.indexes.drain(..).chain(self.values.drain(..)) {
            if let Slot::Asked(Some(ticket)) = slot {
                grid.forget_read(ticket);
            }
        }
        self.tables.clear();
        self.table = 0;
    }

    /// What is there now.
    pub(super) fn head(&self) -> Head<'_, R> {
        if self.table == self.tables.len() {
            return Head::Ended;
        }
        let (Some(Slot::Held(_)), Some(Slot::Held(block))) =
            (self.indexes.front(), self.values.front())
        else {
            return Head::Waiting;
        };
        let values = ValueBlock::decode(&self.layout, self.tree, block.contents(), block.body());
        let values = values.expect("compaction: a block that is held was checked");
        Head::Records(&values.records()[self.record..])
    }

    /// Takes blocks that have come, and asks for others as far as it may.
    ///
    /// # Errors
    ///
    /// The first block that cannot be had.
    pub(super) fn advance<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<(), GridError> {
        self.take_indexes(grid)?;
        self.take_values(grid)?;
        while self.ask_index(grid)? || self.ask_value(grid)? {}
        Ok(())
    }

    fn take_indexes<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<(), GridError> {
        for number in 0..self.indexes.len() {
            if let Some(block) = self.indexes[number].take(grid)? {
                self.check_index(self.table + number, &block)?;
                self.indexes[number] = Slot::Held(block);
            }
        }
        Ok(())
    }

    fn take_values<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<(), GridError> {
        let mut place = (self.table, self.block);
        for number in 0..self.values.len() {
            if let Some(block) = self.values[number].take(grid)? {
                self.check_values(place, &block)?;
                self.values[number] = Slot::Held(block);
            }
            place = self.place_after(place);
        }
        Ok(())
    }

    /// Asks for the index of the next table, if it may. Returns whether it did.
    fn ask_index<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<bool, GridError> {
        let number = self.table + self.indexes.len();
        if self.indexes.len() == INDEXES || number >= self.tables.len() {
            return Ok(false);
        }
        let TableInfo { checksum, address, .. } = self.tables[number];
        let slot = Slot::ask(BlockReference { checksum, address }, grid)?;
        if let Slot::Held(block) = &slot {
            self.check_index(number, block)?;
        }
        self.indexes.push_back(slot);
        Ok(true)
    }

    /// Asks for the next value block, if it may. Returns whether it did.
    fn ask_value<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<bool, GridError> {
        let (table, block) = self.next;
        if self.values.len() == self.ahead || table == self.tables.len() {
            return Ok(false);
        }
        let Some(index) = self.index(table) else { return Ok(false) };
        let slot = Slot::ask(index.reference(block), grid)?;
        if let Slot::Held(values) = &slot {
            self.check_values(self.next, values)?;
        }
        self.values.push_back(slot);
        self.next = self.place_after(self.next);
        Ok(true)
    }

    fn check_index(&self, table: usize, block: &BlockHandle) -> Result<(), GridError> {
        let verification = TableVerification::new(&self.layout, self.tree, &self.tables[table]);
        let checked = verification.index_block(block.contents(), block.body());
        checked.map(drop).map_err(GridError::Corruption)
    }

    /// The index of a table is held where one of its value blocks is.
    fn check_values(
        &self,
        (table, number): (usize, usize),
        block: &BlockHandle,
    ) -> Result<(), GridError> {
        let Some(index) = self.index(table) else {
            unreachable!("compaction: the index of what was asked for is held");
        };
        let verification = TableVerification::new(&self.layout, self.tree, &self.tables[table]);
        let entry = index.entry(number);
        let checked = verification.value_block::<R>(number, &entry, block.contents(), block.body());
        checked.map(drop).map_err(GridError::Corruption)
    }

    /// The index of a table, if it is held.
    fn index(&self, table: usize) -> Option<IndexBlock<'_, R::Key>> {
        let Slot::Held(block) = self.indexes.get(table.checked_sub(self.table)?)? else {
            return None;
        };
        let index = IndexBlock::decode(&self.layout, self.tree, block.contents(), block.body());
        Some(index.expect("compaction: an index that is held was checked"))
    }

    /// The table and value block behind this one, whose index is held.
    fn place_after(&self, (table, block): (usize, usize)) -> (usize, usize) {
        let count = self.index(table).map_or(0, |index| index.value_block_count());
        if block + 1 < count { (table, block + 1) } else { (table + 1, 0) }
    }

    /// Uses records of the head up. A block of which nothing is left is released, and so is the index of a table.
    pub(super) fn consume<S: Storage>(&mut self, count: usize, grid: &mut Grid<S>) {
        if count == 0 {
            return;
        }
        let Head::Records(records) = self.head() else {
            unreachable!("compaction: what is used up is there");
        };
        let left = records.len() - count;
        self.record += count;
        if left > 0 {
            return;
        }
        self.record = 0;
        let (Some(Slot::Held(index)), Some(Slot::Held(values))) =
            (self.indexes.front(), self.values.front())
        else {
            unreachable!("compaction: what is used up is held");
        };
        grid.release(values.reference().address);
        let (table, block) = self.place_after((self.table, self.block));
        if table > self.table {
            grid.release(index.reference().address);
            self.indexes.pop_front();
        }
        self.values.pop_front();
        (self.table, self.block) = (table, block);
    }
}

impl Slot {
    /// Asks for a block.
    fn ask<S: Storage>(reference: BlockReference, grid: &mut Grid<S>) -> Result<Self, GridError> {
        if !grid.is_readable(reference.address) {
            let reason = Reason::Meaning("a block of a table is free, or beyond the last block");
            let place = Place::Block(reference.address);
            return Err(GridError::Corruption(Corruption { place, reason }));
        }
        match grid.read(reference, Caching::Use) {
            ReadOutcome::Ready(block) => Ok(Self::Held(block)),
            ReadOutcome::Pending(ticket) => Ok(Self::Asked(Some(ticket))),
            ReadOutcome::Refused(error) => Err(error),
        }
    }

    /// The block, if it was asked for and has come since.
    fn take<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<Option<BlockHandle>, GridError> {
        let Self::Asked(asked) = self else { return Ok(None) };
        let Some(ticket) = asked.take() else { return Ok(None) };
        match grid.take_read(ticket) {
            Ok(answer) => answer.map(Some),
            Err(ticket) => {
                *asked = Some(ticket);
                Ok(None)
            }
        }
    }
}

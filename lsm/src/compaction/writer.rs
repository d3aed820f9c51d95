//! Writes the tables that a compaction makes.
//!
//! - An address is acquired when a block is full, or when nothing more comes. So the order of addresses is that of
//!   the records, whatever the device does.
//! - A block that is full is handed to the grid before anything else happens: no full block is carried from one
//!   beat to the next. What is half built is.
//! - Every value block of a table but the last is full, and so is every table but the last.
//!
//! What it does not do: it waits for nothing. A write that is under way is the grid's.

use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest::TableInfo;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{TableBuilder, TableLayout};

/// Writes tables; see the [module](self).
#[derive(Debug)]
pub(super) struct TablesWriter<R: Record> {
    builder: TableBuilder<R>,
}

impl<R: Record> TablesWriter<R> {
    pub(super) fn new(layout: &TableLayout, tree: u16) -> Self {
        Self { builder: TableBuilder::new(layout, tree) }
    }

    /// # Panics
    ///
    /// If a table is half built.
    pub(super) fn assert_idle(&self) {
        assert!(
            self.builder.needs_index_block(),
            "compaction: no table must be half built between compactions",
        );
    }

    /// Takes memory for what is to be written, unless it has it: the index first, so that nobody holds a value block
    /// and waits. Returns whether there is all that it needs.
    pub(super) fn prepare<S: Storage>(&mut self, snapshot: u64, grid: &mut Grid<S>) -> bool {
        if self.builder.needs_index_block() {
            let Some(buffer) = grid.take_buffer() else { return false };
            self.builder.set_index_block(buffer, snapshot);
        }
        if !self.builder.has_value_block() {
            let Some(buffer) = grid.take_buffer() else { return false };
            self.builder.set_value_block(buffer);
        }
        true
    }

    /// Where the next records go: one or more.
    pub(super) fn room(&mut self) -> &mut [R] {
        self.builder.room()
    }

    /// So many records were written to the room. What is full now, or all of it if nothing more comes, is handed to
    /// the grid. Returns the table that is done with it, if one is.
    ///
    /// # Errors
    ///
    /// If the grid writes nothing any more.
    ///
    /// # Panics
    ///
    /// If the reservation has too few blocks.
    pub(super) fn advance<S: Storage>(
        &mut self,
        count: usize,
        nothing_more: bool,
        grid: &mut Grid<S>,
        reservation: &mut Reservation,
    ) -> Result<Option<TableInfo<R::Key>>, GridError> {
        self.builder.advance(count);
        let flush = nothing_more && !self.builder.value_block_is_empty();
        if self.builder.value_block_is_full() || flush {
            let address = acquire(grid, reservation);
            let (contents, buffer) = self.builder.finish_value_block();
            let reference = grid.write(address, &contents, buffer)?;
            self.builder.value_block_written(reference);
        }
        if nothing_more && let Some(buffer) = self.builder.take_value_block() {
            grid.give_buffer(buffer);
        }
        let flush = nothing_more && self.builder.value_block_count() > 0;
        if self.builder.index_is_full() || flush {
            let address = acquire(grid, reservation);
            let (contents, buffer) = self.builder.finish_index_block();
            let reference = grid.write(address, &contents, buffer)?;
            return Ok(Some(self.builder.table_written(reference)));
        }
        if nothing_more {
            self.abandon(grid);
        }
        Ok(None)
    }

    /// Gives its memory back, and what was half built up.
    pub(super) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for buffer in self.builder.reset().into_iter().flatten() {
            grid.give_buffer(buffer);
        }
    }
}

fn acquire<S: Storage>(grid: &mut Grid<S>, reservation: &mut Reservation) -> u64 {
    let address = grid.acquire(reservation);
    address.expect("compaction: a beat reserves all blocks that it may write")
}

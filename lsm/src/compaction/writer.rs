//! Writes the tables of a compaction.
//!
//! - An address is acquired when a block is full or the records end. So the addresses are in the
//!   order of the records, whatever the device does.
//! - A full block is passed to the grid immediately, so only half-built blocks are kept from beat
//!   to beat. The writer first waits until the queue of writes has room for two blocks, because the
//!   last records of a table complete two.
//! - Every value block of a table is full except the last. Every table is full except the last.

use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest::TableInfo;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{TableBuilder, TableLayout};

/// The writer of tables; see the [module](self).
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
            "compaction: no table may be half built between compactions",
        );
    }

    /// Takes the missing buffers. The index block's buffer is first, so that a writer that waits
    /// for it occupies no value block. Returns whether the writer has both buffers, and the queue
    /// of writes has room for both blocks.
    pub(super) fn prepare<S: Storage>(&mut self, snapshot: u64, grid: &mut Grid<S>) -> bool {
        if !grid.has_write_room(2) {
            return false;
        }
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

    /// Returns the free part of the value block, which has room for one or more records.
    pub(super) fn room(&mut self) -> &mut [R] {
        self.builder.room()
    }

    /// Adds the `count` records that were written to [`TablesWriter::room`]. Passes full blocks to
    /// the grid, or all blocks if `nothing_more` is set because no records follow. Returns the
    /// table that was completed, if any.
    ///
    /// # Errors
    ///
    /// Returns an error if the grid refuses writes.
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

    /// Abandons the half-built blocks, and returns their buffers to the grid.
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

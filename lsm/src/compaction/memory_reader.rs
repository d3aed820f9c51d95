//! Reads the immutable table for a flush, one row of records at a time.
//!
//! - Each key is read once, with its newest version. A key of a secondary index whose versions
//!   cancel each other is not read.
//! - Work is counted in records of the table. Filling a row may drop records, which are counted as
//!   consumed together with the last record of the row.

use super::merge_step::Row;
use crate::record::Record;
use crate::table::memory::{ImmutableTable, InvalidMemoryTable, MemoryCursor, MemoryTableOptions};

/// The reader of the immutable table; see the [module](self).
#[derive(Debug)]
pub(super) struct MemoryReader<R: Record> {
    cursor: MemoryCursor<R>,
    /// The row. Its capacity is the maximum number of records.
    row: Vec<R>,
    /// The first record of the row that is not consumed.
    record: usize,
    /// Records that were dropped while the row was filled.
    dropped: u64,
}

impl<R: Record> MemoryReader<R> {
    /// Creates a reader of tables with these options. `row` is the maximum number of records in a
    /// row. All memory is allocated here.
    pub(super) fn new(
        row: usize,
        options: &MemoryTableOptions,
    ) -> Result<Self, InvalidMemoryTable> {
        Ok(Self {
            cursor: MemoryCursor::new(options)?,
            row: Vec::with_capacity(row),
            record: 0,
            dropped: 0,
        })
    }

    /// Begins to read a table. The table must not change until all its records are consumed.
    pub(super) fn begin(&mut self, table: &ImmutableTable<R>) {
        self.cursor.start(table);
        self.row.clear();
        self.record = 0;
        self.dropped = 0;
    }

    /// Returns the remaining records of the row. If none remain, fills the row first.
    pub(super) fn fill(&mut self, table: &ImmutableTable<R>) -> Row<'_, R> {
        if self.record == self.row.len() {
            self.row.clear();
            self.record = 0;
            let before = self.cursor.counts().remaining();
            while self.row.len() < self.row.capacity()
                && let Some(record) = self.cursor.pop(table)
            {
                self.row.push(record);
            }
            let used = before - self.cursor.counts().remaining();
            self.dropped += used - self.row.len() as u64;
        }
        let records = &self.row[self.record..];
        Row { records, ended: records.is_empty() }
    }

    /// Consumes `count` records of the row. Returns the number of consumed records of the table,
    /// which includes the records that were dropped.
    pub(super) fn consume(&mut self, count: usize) -> u64 {
        self.record += count;
        assert!(self.record <= self.row.len(), "compaction: used records must be in the row");
        let dropped =
            if self.record == self.row.len() { std::mem::take(&mut self.dropped) } else { 0 };
        count as u64 + dropped
    }
}

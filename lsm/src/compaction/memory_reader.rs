//! Reads the immutable table for a flush, one row of records at a time.
//!
//! - Each key comes once, with its newest version. If the versions of a secondary index cancel each
//!   other, the key does not come.
//! - Work is counted in records of the table. Records without a version in the output count as used
//!   up with the row in which they were dropped.

use super::merge_step::Row;
use crate::record::Record;
use crate::table::memory::{ImmutableTable, InvalidMemoryTable, MemoryCursor, MemoryTableOptions};

/// The reader of the immutable table; see the [module](self).
#[derive(Debug)]
pub(super) struct MemoryReader<R: Record> {
    cursor: MemoryCursor<R>,
    row: Vec<R>,
    /// The first record of the row that is not used up.
    record: usize,
    /// Records that were dropped while the row was filled.
    dropped: u64,
}

impl<R: Record> MemoryReader<R> {
    /// Creates a reader of rows of this length, of tables with these options. All memory is
    /// allocated here.
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

    /// Begins to read a table. It must not change until all its records are used up.
    pub(super) fn begin(&mut self, table: &ImmutableTable<R>) {
        self.cursor.start(table);
        self.row.clear();
        self.record = 0;
        self.dropped = 0;
    }

    /// Returns the rest of the row. An empty row is filled first.
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

    /// Uses up records of the row. Returns how many records of the table they stand for.
    pub(super) fn consume(&mut self, count: usize) -> u64 {
        self.record += count;
        assert!(self.record <= self.row.len(), "compaction: used records must be in the row");
        let dropped =
            if self.record == self.row.len() { std::mem::take(&mut self.dropped) } else { 0 };
        count as u64 + dropped
    }
}

//! The records of a table in memory, a block of them at a time.
//!
//! - What is given is the newest of each key; a pair of an index that is nothing together is not given.
//! - Work is counted by what was in the table: records that are not given count as used up with the row that they
//!   came up in.
//!
//! What it does not do: it changes nothing in the table.

use super::merge_step::Row;
use crate::record::Record;
use crate::table::memory::{ImmutableTable, InvalidMemoryTable, MemoryCursor, MemoryTableOptions};

/// Records of a table in memory; see the [module](self).
#[derive(Debug)]
pub(super) struct MemoryReader<R: Record> {
    cursor: MemoryCursor<R>,
    row: Vec<R>,
    /// The first record of the row that is not used up.
    record: usize,
    /// Records that came up with the row and are not given.
    dropped: u64,
}

impl<R: Record> MemoryReader<R> {
    /// A reader of rows of this length, of tables with these options. All memory is allocated here.
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

    /// Begins with a table, which has a record or more, and stays as it is until all are used up.
    pub(super) fn begin(&mut self, table: &ImmutableTable<R>) {
        self.cursor.start(table);
        self.row.clear();
        self.record = 0;
        self.dropped = 0;
    }

    /// The records that are there, after as many as make a row were fetched if none were. None: all are used up.
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

    /// Uses records up. Returns how many of the table that are.
    pub(super) fn consume(&mut self, count: usize) -> u64 {
        self.record += count;
        assert!(self.record <= self.row.len(), "compaction: what is used up is there");
        let dropped =
            if self.record == self.row.len() { std::mem::take(&mut self.dropped) } else { 0 };
        count as u64 + dropped
    }
}

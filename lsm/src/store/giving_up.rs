//! Gives up tables that cannot be read, so that the store can be written again.

use std::ops::RangeBounds;

use super::range::key_range;
use super::{Store, StoreError};
use crate::manifest::KeyRange;
use crate::record::{Key, Record};
use crate::storage::Storage;
use crate::tree::UnreadableTable;

/// A table that [`Store::give_up`] removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp<K: Key> {
    /// The number of its level, from 0. A level with a smaller number has newer records.
    pub level: u32,
    /// The range from its smallest to its largest key.
    pub keys: KeyRange<K>,
    /// The number of its records, tombstones included.
    pub records: u32,
    /// Why its first block that cannot be read cannot be read.
    pub error: StoreError,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Gives up the tables that overlap a range of keys and have a block that cannot be read.
    /// Returns these tables, the newest level first. Merges and writes then go on without them.
    ///
    /// A merge that meets a block that cannot be read makes the store read-only. Then open it again
    /// with [`Store::open_again`], give up the tables, and repeat the writes that no checkpoint
    /// contains. If [`Store::verify`] or [`Store::salvage`] find the block first, take a
    /// [checkpoint](Store::checkpoint) before, so that no write is lost.
    ///
    /// - All records of the tables are lost, also those of blocks that can still be read: read them
    ///   before with [`Store::salvage`]. Of the keys between the first and the last key of a table,
    ///   each may then have an older record, have none, or have a record again that was removed. A
    ///   record that a newer level has stays. Other keys do not change.
    /// - The next checkpoint makes this durable. If the store is opened again before, at its last
    ///   checkpoint, it has the tables again.
    /// - All blocks of these tables are read, and the index of each other table, from the device
    ///   and past the cache. The call waits for the device. A read that fails only once is enough
    ///   for a table to be given up.
    /// - The blocks of the tables are free after the next checkpoint.
    ///
    /// # Errors
    ///
    /// - If the store is closed or read-only.
    /// - If anything was written or a beat was run since the store was opened
    ///   ([`StoreError::NotJustOpened`]). Merges may already read the tables then.
    /// - If the store is a [secondary index](crate::record::Usage::SecondaryIndex)
    ///   ([`StoreError::IndexIsNotGivenUp`]). Of two records of a key, one cancels the other, so a
    ///   loss would also change records of other tables.
    /// - If the index of a table outside of the range cannot be read. Give up this table, too.
    /// - If too few blocks are free to note which tables are given up
    ///   ([`GridError::Full`](crate::grid::GridError::Full)).
    ///
    /// Nothing has changed then. If the device fails while the tables are given up, the store is
    /// read-only ([`StoreError::ReadOnly`]) until it is opened again, at its last checkpoint.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn give_up(
        &mut self,
        keys: impl RangeBounds<R::Key>,
    ) -> Result<Vec<GivenUp<R::Key>>, StoreError> {
        self.forest.refuse_writes()?;
        let Some(keys) = key_range(&keys) else { return Ok(Vec::new()) };
        self.end_reads();
        let lost = self.forest.give_up(keys)?;
        let given_up = |UnreadableTable { level, table, error }: UnreadableTable<R::Key>| GivenUp {
            level,
            keys: table.key_range(),
            records: table.value_count,
            error: error.into(),
        };
        Ok(lost.into_iter().map(given_up).collect())
    }

    /// Waits until no lookup is under way, and releases the blocks of all scans.
    fn end_reads(&mut self) {
        loop {
            self.lookups_advance();
            if !self.forest.step() {
                break;
            }
        }
        self.scans.pause(&mut self.forest.grid);
    }
}

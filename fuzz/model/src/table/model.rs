//! The model of a table: its records in the order of their keys, a fixed number in each value
//! block.
//!
//! The model has no addresses of blocks. [`super::book`] gives the content of blocks, byte by byte.

use std::ops::Range;

use super::Geometry;
use crate::mutation::{Mutation, is_on};
use downbeat_input::version::Version;

/// A table: its records, with ascending keys.
#[derive(Clone, Debug, Default)]
pub struct Table {
    records: Vec<Version>,
    /// Records of a full value block.
    block_values: usize,
}

impl Table {
    /// A table without records.
    #[must_use]
    pub fn new(geometry: &Geometry) -> Self {
        Table { records: Vec::new(), block_values: geometry.block_values() }
    }

    /// Adds a record after the last one.
    #[inline]
    pub fn push(&mut self, record: Version) {
        self.records.push(record);
    }

    /// Removes all records and takes another geometry.
    pub fn clear(&mut self, geometry: &Geometry) {
        self.records.clear();
        self.block_values = geometry.block_values();
    }

    /// All records.
    #[inline]
    #[must_use]
    pub fn records(&self) -> &[Version] {
        &self.records
    }

    /// How many value blocks the records take.
    #[inline]
    #[must_use]
    pub fn block_count(&self) -> usize {
        self.records.len().div_ceil(self.block_values)
    }

    /// The records of value block number `number`.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[inline]
    #[must_use]
    pub fn block(&self, number: usize) -> &[Version] {
        let end = self.records.len().min((number + 1) * self.block_values);
        &self.records[number * self.block_values..end]
    }

    /// How many records have keys below `key`.
    #[inline]
    fn below(&self, key: u64) -> usize {
        self.records.partition_point(|record| record.key < key)
    }

    /// The record of a key.
    #[inline]
    #[must_use]
    pub fn get(&self, key: u64) -> Option<Version> {
        let record = self.records.get(self.below(key)).filter(|record| record.key == key).copied();
        record.filter(|record| !(record.removed && is_on(Mutation::TableHidesTombstones)))
    }

    /// The number of the value block whose first and last key enclose `key`, both included.
    #[inline]
    #[must_use]
    pub fn block_of(&self, key: u64) -> Option<usize> {
        let record = self.below(key);
        if record == self.records.len() {
            return None;
        }
        let number = record / self.block_values;
        let begins_at_or_below = self.block(number)[0].key <= key;
        (begins_at_or_below || is_on(Mutation::TableFindsGaps)).then_some(number)
    }

    /// How many records of value block number `number` have keys below `key`.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[inline]
    #[must_use]
    pub fn below_in_block(&self, number: usize, key: u64) -> usize {
        self.block(number).partition_point(|record| record.key < key)
    }

    /// The records with keys from `min` to `max`, both included.
    #[inline]
    #[must_use]
    pub fn range(&self, min: u64, max: u64) -> &[Version] {
        let from = self.below(min);
        let excludes = is_on(Mutation::TableExcludesTheEndOfARange);
        let to = match max.checked_add(u64::from(!excludes)) {
            Some(above) => self.below(above).max(from),
            None => self.records.len(),
        };
        &self.records[from..to]
    }

    /// The value blocks whose key ranges overlap the keys from `min` to `max`, both included.
    #[must_use]
    pub fn blocks_of(&self, min: u64, max: u64) -> Range<usize> {
        let ends = |number: usize| {
            let block = self.block(number);
            (block[0].key, block[block.len() - 1].key)
        };
        let count = self.block_count();
        let from = (0..count).find(|number| ends(*number).1 >= min).unwrap_or(count);
        let to = (from..count).find(|number| ends(*number).0 > max).unwrap_or(count);
        from..to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(keys: impl IntoIterator<Item = u64>) -> Table {
        let mut table = Table { records: Vec::new(), block_values: 3 };
        for key in keys {
            table.push(Version { key, stamp: key + 1, removed: false });
        }
        table
    }

    #[test]
    fn all_blocks_except_the_last_are_full() {
        let table = table([10, 20, 30, 40, 50, 60, 70]);
        assert_eq!(table.block_count(), 3);
        assert_eq!([0, 1, 2].map(|number| table.block(number).len()), [3, 3, 1]);
        assert_eq!(
            [9, 10, 30, 31, 40, 70, 71].map(|key| table.block_of(key)),
            [None, Some(0), Some(0), None, Some(1), Some(2), None]
        );
    }

    #[test]
    fn a_range_includes_both_ends() {
        let table = table([10, 20, 30, 40]);
        let keys =
            |min, max| table.range(min, max).iter().map(|record| record.key).collect::<Vec<_>>();
        assert_eq!(keys(10, 40), [10, 20, 30, 40]);
        assert_eq!(keys(11, 39), [20, 30]);
        assert_eq!(keys(0, u64::MAX), [10, 20, 30, 40]);
        assert!(keys(31, 39).is_empty());
        assert_eq!(table.blocks_of(31, 39), 1..1);
        assert_eq!(table.blocks_of(30, 40), 0..2);
        assert_eq!(table.blocks_of(41, 50), 2..2);
    }
}

//! Checks that a table on disk matches its description.
//!
//! - The index block has the keys, the snapshot and the number of value blocks of the table.
//! - Every value block matches its index entry, and its keys ascend. Every value block except the
//!   last is full. Together, the value blocks have as many records as the table.
//!
//! A caller that can read blocks immediately uses [`TableVerification::run`]. A caller that waits
//! for each block uses the single steps.

use super::{IndexBlock, IndexEntry, TableLayout, ValueBlock};
use crate::block::{Block, BlockReference, Contents, Corruption, Reason};
use crate::manifest::TableInfo;
use crate::record::{Key, Record};

/// A verification of one table.
#[derive(Clone, Copy, Debug)]
pub struct TableVerification<'a, K: Key> {
    layout: &'a TableLayout,
    tree: u16,
    table: &'a TableInfo<K>,
}

impl<'a, K: Key> TableVerification<'a, K> {
    /// A verification of this table, which belongs to this tree and has this layout.
    #[must_use]
    pub fn new(layout: &'a TableLayout, tree: u16, table: &'a TableInfo<K>) -> Self {
        Self { layout, tree, table }
    }

    /// The reference to the index block.
    #[must_use]
    pub fn reference(&self) -> BlockReference {
        self.table.reference()
    }

    /// The first step: checks the index block, which refers to the value blocks to check.
    ///
    /// # Errors
    ///
    /// Returns the reason why the index block is invalid, if it is.
    ///
    /// # Panics
    ///
    /// The same as [`IndexBlock::decode`].
    pub fn index_block<'b>(
        &self,
        contents: &Contents,
        body: &'b [u8],
    ) -> Result<IndexBlock<'b, K>, Corruption> {
        self.check_index(contents, body)
            .map_err(|reason| Corruption::of_block(self.reference(), reason))
    }

    fn check_index<'b>(
        &self,
        contents: &Contents,
        body: &'b [u8],
    ) -> Result<IndexBlock<'b, K>, Reason> {
        let index = IndexBlock::decode(self.layout, self.tree, contents, body)?;
        index.check()?;
        let TableInfo { key_min, key_max, snapshot_min, value_count, .. } = *self.table;
        let count = index.value_block_count();
        if count != self.layout.value_block_count(value_count) as usize {
            return Err(Reason::Meaning(
                "the number of value blocks in the index differs from the table",
            ));
        }
        if index.key_min(0) != key_min || index.key_max(count - 1) != key_max {
            return Err(Reason::Meaning("the keys of the index differ from the table"));
        }
        if index.snapshot() != snapshot_min {
            return Err(Reason::Meaning("the snapshot of the index differs from the table"));
        }
        Ok(index)
    }

    /// A later step: checks value block `number`. `entry` is the block's entry in the index.
    ///
    /// # Errors
    ///
    /// Returns the reason why the value block is invalid, if it is.
    ///
    /// # Panics
    ///
    /// The same as [`ValueBlock::decode`].
    pub fn value_block<'b, R: Record<Key = K>>(
        &self,
        number: usize,
        entry: &IndexEntry<K>,
        contents: &Contents,
        body: &'b [u8],
    ) -> Result<ValueBlock<'b, R>, Corruption> {
        self.check_values(number, entry, contents, body)
            .map_err(|reason| Corruption::of_block(entry.reference, reason))
    }

    fn check_values<'b, R: Record<Key = K>>(
        &self,
        number: usize,
        entry: &IndexEntry<K>,
        contents: &Contents,
        body: &'b [u8],
    ) -> Result<ValueBlock<'b, R>, Reason> {
        let block = entry.value_block(self.layout, self.tree, contents, body)?;
        if block.snapshot() != self.table.snapshot_min {
            return Err(Reason::Meaning("the snapshot of a value block differs from the table"));
        }
        let block_value_count_max = self.layout.block_value_count_max() as usize;
        let before = number * block_value_count_max;
        let left = ({ self.table.value_count } as usize).saturating_sub(before);
        if block.records().len() != left.min(block_value_count_max) {
            return Err(Reason::Meaning(
                "the number of records is wrong for the block's place in the table",
            ));
        }
        block.check()?;
        Ok(block)
    }

    /// Checks all blocks of the table. `read` reads a block, and `view` returns its contents.
    ///
    /// # Errors
    ///
    /// The error of `read`, or the reason why the first invalid block is invalid.
    ///
    /// # Panics
    ///
    /// The same as [`IndexBlock::decode`] and [`ValueBlock::decode`].
    pub fn run<R, B, E>(
        &self,
        mut read: impl FnMut(BlockReference) -> Result<B, E>,
        view: impl Fn(&B) -> Block<'_>,
    ) -> Result<(), E>
    where
        R: Record<Key = K>,
        E: From<Corruption>,
    {
        let index_block = read(self.reference())?;
        let Block { contents, body } = view(&index_block);
        let index = self.index_block(&contents, body)?;
        for number in 0..index.value_block_count() {
            let entry = index.entry(number);
            let value_block = read(entry.reference)?;
            let Block { contents, body } = view(&value_block);
            self.value_block::<R>(number, &entry, &contents, body)?;
        }
        Ok(())
    }
}

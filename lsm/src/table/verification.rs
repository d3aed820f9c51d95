//! Whether a table is all that is said of it.
//!
//! - The index is that of the table, by keys, snapshot and number of value blocks.
//! - Every value block is the one that the index says, all of its keys ascend, and it has as many records as
//!   its place in the table wants: each but the last is full, and together they are those of the table.
//!
//! What this does not do: it does not know where the blocks come from. Who has all of them in reach has
//! [`TableVerification::run`]; who waits for each, the steps.

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
    /// A verification of this table, of a tree with this layout.
    #[must_use]
    pub fn new(layout: &'a TableLayout, tree: u16, table: &'a TableInfo<K>) -> Self {
        Self { layout, tree, table }
    }

    /// What the index block is named by.
    #[must_use]
    pub fn reference(&self) -> BlockReference {
        self.table.reference()
    }

    /// The index of the table, which names the value blocks that are to be verified.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    ///
    /// # Panics
    ///
    /// As [`IndexBlock::decode`].
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
                "the index has another number of value blocks than the table",
            ));
        }
        if index.key_min(0) != key_min || index.key_max(count - 1) != key_max {
            return Err(Reason::Meaning("the index is of other keys than the table"));
        }
        if index.snapshot() != snapshot_min {
            return Err(Reason::Meaning("the index is of another snapshot than the table"));
        }
        Ok(index)
    }

    /// The value block of this number, of which the index says this.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    ///
    /// # Panics
    ///
    /// As [`ValueBlock::decode`].
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
            return Err(Reason::Meaning("the records are of another snapshot than the table"));
        }
        let block_value_count_max = self.layout.block_value_count_max() as usize;
        let before = number * block_value_count_max;
        let left = ({ self.table.value_count } as usize).saturating_sub(before);
        if block.records().len() != left.min(block_value_count_max) {
            return Err(Reason::Meaning(
                "the number of records is not that of its place in the table",
            ));
        }
        block.check()?;
        Ok(block)
    }

    /// All blocks of the table. `read` gives each of them, and `view` says what is in it.
    ///
    /// # Errors
    ///
    /// What `read` gives, or the first thing that is wrong.
    ///
    /// # Panics
    ///
    /// As [`IndexBlock::decode`] and [`ValueBlock::decode`].
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

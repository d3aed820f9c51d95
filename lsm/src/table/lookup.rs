//! The steps of a lookup in a table: from its index to at most one value block, from that to a record.
//!
//! - A step is a function of a block. Whoever looks up has the blocks, and can wait for them in between.
//! - What the value block holds must be what the index says of it, as far as its ends tell.
//!
//! What this does not do: it does not know that there are other tables, and what a tombstone means.

use super::{IndexBlock, IndexEntry, TableLayout};
use crate::block::{Contents, Reason};
use crate::record::{Key, Record};

/// A lookup of one key in one table, at no step in particular.
#[derive(Clone, Copy, Debug)]
pub struct TableLookup<'a, K> {
    layout: &'a TableLayout,
    tree: u16,
    key: K,
}

impl<'a, K: Key> TableLookup<'a, K> {
    /// A lookup of this key in a table of this layout and tree.
    #[must_use]
    #[inline]
    pub fn new(layout: &'a TableLayout, tree: u16, key: K) -> Self {
        Self { layout, tree, key }
    }

    /// The value block that has the record if the table does. `None` if it does not.
    ///
    /// # Errors
    ///
    /// If the block is not the index of a table of this layout and tree.
    ///
    /// # Panics
    ///
    /// As [`IndexBlock::decode`].
    #[inline]
    pub fn index_block(
        &self,
        contents: &Contents,
        body: &[u8],
    ) -> Result<Option<IndexEntry<K>>, Reason> {
        let index = IndexBlock::decode(self.layout, self.tree, contents, body)?;
        Ok(index.find(self.key).map(|number| index.entry(number)))
    }

    /// The record, which may be a tombstone, in the value block that the step before gave. `None` if the
    /// table does not have it.
    ///
    /// # Errors
    ///
    /// If the block is not a value block of a table of this layout and tree, or not the one that the index
    /// speaks of.
    ///
    /// # Panics
    ///
    /// As [`IndexEntry::value_block`].
    #[inline]
    pub fn value_block<'b, R: Record<Key = K>>(
        &self,
        entry: &IndexEntry<K>,
        contents: &Contents,
        body: &'b [u8],
    ) -> Result<Option<&'b R>, Reason> {
        let block = entry.value_block::<R>(self.layout, self.tree, contents, body)?;
        Ok(block.find(self.key))
    }
}

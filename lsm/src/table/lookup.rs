//! The steps of a lookup in a table: from its index block to at most one value block, and from the
//! value block to a record.
//!
//! - Each step takes one block. The caller reads the blocks, so it can wait for the device between
//!   the steps.
//! - The first and the last key of the value block must be those of its index entry.

use super::{IndexBlock, IndexEntry, TableLayout};
use crate::block::{Contents, Reason};
use crate::record::{Key, Record};

/// A lookup of one key in one table. It holds no state between the steps.
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

    /// The first step: returns the entry of the only value block that may contain the key. `None`
    /// if the table does not contain the key.
    ///
    /// # Errors
    ///
    /// If the block is not the index block of a table of this tree and layout.
    ///
    /// # Panics
    ///
    /// The same as [`IndexBlock::decode`].
    #[inline]
    pub fn index_block(
        &self,
        contents: &Contents,
        body: &[u8],
    ) -> Result<Option<IndexEntry<K>>, Reason> {
        let index = IndexBlock::decode(self.layout, self.tree, contents, body)?;
        Ok(index.find(self.key).map(|number| index.entry(number)))
    }

    /// The second step: the record, which may be a tombstone, in the value block of the entry.
    /// `None` if the table does not contain the key.
    ///
    /// # Errors
    ///
    /// If the block is not a value block of a table of this tree and layout, or does not match the
    /// entry.
    ///
    /// # Panics
    ///
    /// The same as [`IndexEntry::value_block`].
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

//! A handle of a block in memory.
//!
//! - The header and the checksum of the block are verified.
//! - The bytes do not change while a handle exists. A clone refers to the same block.
//! - The meaning of a block is checked once for as long as the block stays in the cache, by the
//!   first reader ([`Grid::mark_checked`](super::Grid::mark_checked)). A block that this process
//!   wrote needs no check.
//! - The block at this address may already be free.

use crate::block::{BODY_OFFSET, BlockReference, Contents};
use crate::storage::SharedBuffer;

/// A handle of a verified block in memory. The bytes do not change while a handle exists.
#[derive(Clone, Debug)]
pub struct BlockHandle {
    pub(super) buffer: SharedBuffer,
    pub(super) reference: BlockReference,
    pub(super) contents: Contents,
    pub(super) is_checked: bool,
}

impl BlockHandle {
    /// Returns the reference to the block.
    #[must_use]
    #[inline]
    pub fn reference(&self) -> BlockReference {
        self.reference
    }

    /// Returns the contents, as the header describes them.
    #[must_use]
    #[inline]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Returns whether the meaning of the block was checked before this handle was made.
    #[must_use]
    #[inline]
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// Returns the used body.
    #[must_use]
    #[inline]
    pub fn body(&self) -> &[u8] {
        &self.buffer.bytes()[BODY_OFFSET..BODY_OFFSET + self.contents.body_size]
    }
}

//! A block in memory, held by who reads it.
//!
//! - It is whole: header and checksum were found right.
//! - While a handle exists, its bytes do not change. A clone is the same block.
//!
//! What this does not do: it says nothing of the block on the device, which may be free by now.

use crate::block::{BODY_OFFSET, BlockReference, Contents};
use crate::storage::SharedBuffer;

/// A block in memory. It is whole, and its bytes do not change while a handle exists.
#[derive(Clone, Debug)]
pub struct BlockHandle {
    pub(super) buffer: SharedBuffer,
    pub(super) reference: BlockReference,
    pub(super) contents: Contents,
}

impl BlockHandle {
    /// What the block is named by.
    #[must_use]
    #[inline]
    pub fn reference(&self) -> BlockReference {
        self.reference
    }

    /// What its header says.
    #[must_use]
    #[inline]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Its used body.
    #[must_use]
    #[inline]
    pub fn body(&self) -> &[u8] {
        &self.buffer.bytes()[BODY_OFFSET..BODY_OFFSET + self.contents.body_size]
    }
}

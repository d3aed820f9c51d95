//! The layout of entries in a block of the log.
//!
//! ```text
//! a block of kind Manifest, of tree 0 and snapshot 0
//!   metadata   the previous block: checksum 16, address 8; zero in the first block of a log
//!   body       entries of 112 bytes, at least one
//!
//! superblock --> newest --> ... --> oldest - - > (compacted)
//! ```
//!
//! - The size of the body gives the number of entries.
//! - The reference in the oldest block is never followed, because it refers to a block that was
//!   compacted.

use super::entry::{LOG_ENTRY_SIZE, LogEntry};
use crate::block::{BODY_OFFSET, BlockKind, BlockReference, Contents, Reason};
use crate::grid::BlockHandle;
use crate::storage::Buffer;

/// The number of entries that fit into a block of this many bytes.
pub(super) fn entries_per_block(block_size: usize) -> usize {
    (block_size - BODY_OFFSET) / LOG_ENTRY_SIZE
}

/// The block that receives new entries.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) address: u64,
    pub(super) entry_count: usize,
    buffer: Buffer,
}

impl OpenBlock {
    /// An empty block, to be written to this address.
    pub(super) fn new(address: u64, buffer: Buffer) -> Self {
        Self { address, entry_count: 0, buffer }
    }

    /// Appends an entry. The block must not be full.
    #[inline]
    pub(super) fn push(&mut self, entry: &LogEntry) {
        let begin = BODY_OFFSET + self.entry_count * LOG_ENTRY_SIZE;
        self.buffer.bytes_mut()[begin..begin + LOG_ENTRY_SIZE].copy_from_slice(entry.bytes());
        self.entry_count += 1;
    }

    /// Closes the block. Returns the contents of its header, with a reference to the `previous`
    /// block, and its buffer.
    pub(super) fn close(self, previous: BlockReference) -> (Contents, Buffer) {
        let contents = Contents {
            kind: BlockKind::Manifest,
            tree: 0,
            snapshot: 0,
            metadata: previous.to_metadata(),
            body_size: self.entry_count * LOG_ENTRY_SIZE,
        };
        (contents, self.buffer)
    }
}

/// A block of the log, as read from the device.
#[derive(Debug)]
pub(super) struct LogBlock {
    block: BlockHandle,
}

impl LogBlock {
    /// Checks that a block is a block of the log.
    ///
    /// # Errors
    ///
    /// If its kind, tree, snapshot or body size is invalid.
    pub(super) fn new(block: BlockHandle) -> Result<Self, Reason> {
        let Contents { kind, tree, snapshot, metadata: _, body_size } = *block.contents();
        if kind != BlockKind::Manifest {
            return Err(Reason::Kind);
        }
        if tree != 0 || snapshot != 0 {
            return Err(Reason::Meaning("a block of the log has a tree or a snapshot"));
        }
        if body_size % LOG_ENTRY_SIZE != 0 {
            return Err(Reason::Meaning("a block of the log ends within an entry"));
        }
        Ok(Self { block })
    }

    pub(super) fn address(&self) -> u64 {
        self.block.reference().address
    }

    /// The previous block. Meaningless in the oldest block.
    pub(super) fn previous(&self) -> BlockReference {
        BlockReference::from_metadata(&self.block.contents().metadata)
    }

    /// The entries and their numbers, oldest first.
    pub(super) fn entries(
        &self,
    ) -> impl DoubleEndedIterator<Item = (u32, Result<LogEntry, Reason>)> + '_ {
        let entries = self.block.body().chunks_exact(LOG_ENTRY_SIZE).map(LogEntry::decode);
        // `zip` needs the length of both sides to iterate in reverse. A range of `u32` has one, so
        // each entry keeps its number.
        (0..(self.block.body().len() / LOG_ENTRY_SIZE) as u32).zip(entries)
    }
}

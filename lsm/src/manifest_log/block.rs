//! How entries lie in a block.
//!
//! ```text
//! a block of kind Manifest, of tree 0 and snapshot 0
//!   metadata   the block before: checksum 16, address 8; zero in the first of all
//!   body       entries of 112 bytes, one at least
//!
//! superblock --> newest --> ... --> oldest - - > (gone)
//! ```
//!
//! - The number of entries follows from the size of the body.
//! - What the oldest block refers to was compacted: it is never followed.
//!
//! What this does not do: it does not say which entries hold.

use super::entry::{LOG_ENTRY_SIZE, LogEntry};
use crate::block::{BODY_OFFSET, BlockKind, BlockReference, Contents, Reason};
use crate::grid::BlockHandle;
use crate::storage::Buffer;

/// How many entries a block of this many bytes has room for.
pub(super) fn entries_per_block(block_size: usize) -> usize {
    (block_size - BODY_OFFSET) / LOG_ENTRY_SIZE
}

/// The block that entries are being put into.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) address: u64,
    pub(super) entry_count: usize,
    buffer: Buffer,
}

impl OpenBlock {
    /// An empty one, to be written to this address.
    pub(super) fn new(address: u64, buffer: Buffer) -> Self {
        Self { address, entry_count: 0, buffer }
    }

    /// Puts an entry behind the others. There is room for it.
    #[inline]
    pub(super) fn push(&mut self, entry: &LogEntry) {
        let begin = BODY_OFFSET + self.entry_count * LOG_ENTRY_SIZE;
        self.buffer.bytes_mut()[begin..begin + LOG_ENTRY_SIZE].copy_from_slice(entry.bytes());
        self.entry_count += 1;
    }

    /// What its header is to say behind `previous`, and its memory.
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

/// A block of the log that was read.
#[derive(Debug)]
pub(super) struct LogBlock {
    block: BlockHandle,
}

impl LogBlock {
    /// What was read, as a block of the log.
    ///
    /// # Errors
    ///
    /// If it is something else.
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

    /// The block before, if this is not the oldest.
    pub(super) fn previous(&self) -> BlockReference {
        BlockReference::from_metadata(&self.block.contents().metadata)
    }

    /// The entries with their numbers, oldest first.
    pub(super) fn entries(
        &self,
    ) -> impl DoubleEndedIterator<Item = (u32, Result<LogEntry, Reason>)> + '_ {
        let entries = self.block.body().chunks_exact(LOG_ENTRY_SIZE).map(LogEntry::decode);
        // Numbered from both ends: a range knows its length.
        (0..(self.block.body().len() / LOG_ENTRY_SIZE) as u32).zip(entries)
    }
}

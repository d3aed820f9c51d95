//! The copies of a superblock in memory: a buffer for each copy, and the header that was last read
//! from it.
//!
//! - A buffer is either here or in the queue of the storage. A buffer that is lost with the queue
//!   in a crash is allocated again.

use super::SuperblockHeader;
use crate::storage::{Buffer, Layout, SharedBuffer};

/// The copies in memory; see the [module](self).
#[derive(Debug)]
pub(super) struct Copies {
    copy_size: usize,
    buffers: Vec<Option<SharedBuffer>>,
    headers: Vec<Option<SuperblockHeader>>,
}

impl Copies {
    pub(super) fn new(layout: &Layout) -> Self {
        let (copies, copy_size) = (layout.superblock_copies(), layout.superblock_copy_size());
        Self {
            copy_size,
            buffers: (0..copies).map(|_| Some(Buffer::new(copy_size).share())).collect(),
            headers: vec![None; copies],
        }
    }

    pub(super) fn reset(&mut self) {
        self.headers.fill(None);
    }

    /// Takes the buffer of a copy for writing, or allocates a new one if the old one is still in
    /// use.
    fn take(&mut self, copy: usize) -> Buffer {
        let buffer = self.buffers[copy].take().and_then(|buffer| buffer.try_take().ok());
        buffer.unwrap_or_else(|| Buffer::new(self.copy_size))
    }

    pub(super) fn write_begins(&mut self, copy: usize, header: &SuperblockHeader) -> SharedBuffer {
        let mut buffer = self.take(copy);
        header.write(copy, buffer.bytes_mut());
        self.buffers[copy].insert(buffer.share()).clone()
    }

    pub(super) fn read_begins(&mut self, copy: usize) -> Buffer {
        self.headers[copy] = None;
        self.take(copy)
    }

    pub(super) fn read_ended(&mut self, copy: usize, buffer: Buffer, readable: bool) {
        if readable {
            self.headers[copy] = SuperblockHeader::read(copy, buffer.bytes());
        }
        self.buffers[copy] = Some(buffer.share());
    }

    /// Returns the header that was last read from each copy. It is `None` if the copy was not read
    /// since the reset, could not be read, is damaged, or was written for another slot.
    pub(super) fn headers(&self) -> &[Option<SuperblockHeader>] {
        &self.headers
    }
}

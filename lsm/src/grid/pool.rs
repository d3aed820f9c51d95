//! The memory of blocks: a fixed number, each with one user or with many that only read.
//!
//! - A block that was shared comes back by itself once nobody but the pool holds it.
//! - `capacity` blocks are here, or in use; never more.
//!
//! What it does not do: it does not know what is in a block.

use crate::storage::{Buffer, SharedBuffer};

/// The memory of blocks; see the [module](self).
#[derive(Debug)]
pub(super) struct BlockPool {
    capacity: usize,
    block_size: usize,
    free: Vec<Buffer>,
    /// Shared blocks that are in no cache and no queue: free once nobody else holds them.
    lent: Vec<SharedBuffer>,
    /// Blocks that somebody took and did not give back or share yet.
    taken: usize,
}

impl BlockPool {
    pub(super) fn new(capacity: usize, block_size: usize) -> Self {
        Self {
            capacity,
            block_size,
            free: (0..capacity).map(|_| Buffer::new(block_size)).collect(),
            lent: Vec::with_capacity(capacity),
            taken: 0,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Blocks that nobody uses.
    pub(super) fn unused(&self) -> usize {
        self.free.len() + self.lent.iter().filter(|buffer| buffer.is_sole()).count()
    }

    /// A block that nobody uses.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Buffer> {
        let buffer = match self.free.pop() {
            Some(buffer) => buffer,
            None => {
                let sole = self.lent.iter().position(SharedBuffer::is_sole)?;
                match self.lent.swap_remove(sole).try_take() {
                    Ok(buffer) => buffer,
                    Err(_) => unreachable!("grid: a block that one holds can be taken"),
                }
            }
        };
        self.taken += 1;
        Some(buffer)
    }

    /// A block that was taken comes back.
    #[inline]
    pub(super) fn give(&mut self, buffer: Buffer) {
        assert!(self.taken > 0, "grid: a buffer must come from the pool that it goes to");
        assert!(
            buffer.bytes().len() == self.block_size,
            "grid: a buffer of the pool must have the size of a block",
        );
        self.taken -= 1;
        self.free.push(buffer);
    }

    /// A block that was taken is shared from now on, and kept elsewhere.
    #[inline]
    pub(super) fn shared(&mut self) {
        assert!(self.taken > 0, "grid: a buffer must come from the pool that counts it");
        self.taken -= 1;
    }

    /// A shared block that nothing keeps any more: it is free once its readers are done.
    #[inline]
    pub(super) fn lend(&mut self, buffer: SharedBuffer) {
        match buffer.try_take() {
            Ok(buffer) => self.free.push(buffer),
            Err(buffer) => self.lent.push(buffer),
        }
    }

    /// Everything comes back. What others still hold is theirs, and made anew.
    pub(super) fn reset(&mut self) {
        while let Some(buffer) = self.lent.pop() {
            if let Ok(buffer) = buffer.try_take() {
                self.free.push(buffer);
            }
        }
        self.taken = 0;
        while self.free.len() < self.capacity {
            self.free.push(Buffer::new(self.block_size));
        }
        self.free.truncate(self.capacity);
    }
}

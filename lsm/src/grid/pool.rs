//! The memory of blocks: a fixed number of buffers, each with one writer or any number of readers.
//!
//! - A shared block is free again once the pool has the only reference to it.
//! - There are always `capacity` blocks: the free blocks and the blocks in use.

use crate::storage::{Buffer, SharedBuffer};

/// The memory of blocks; see the [module](self).
#[derive(Debug)]
pub(super) struct BlockPool {
    capacity: usize,
    block_size: usize,
    free: Vec<Buffer>,
    /// Memory that no block uses since the pool was made smaller, or its blocks larger.
    spare: Vec<Buffer>,
    /// Shared blocks that are in no cache and no queue. They are free once no other reference
    /// exists.
    lent: Vec<SharedBuffer>,
    /// The number of blocks that are taken and neither returned nor shared.
    taken: usize,
}

impl BlockPool {
    pub(super) fn new(capacity: usize, block_size: usize) -> Self {
        Self {
            capacity,
            block_size,
            free: Buffer::several(capacity, block_size).collect(),
            spare: Vec::new(),
            lent: Vec::with_capacity(capacity),
            taken: 0,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the number of unused blocks.
    pub(super) fn unused(&self) -> usize {
        self.free.len() + self.lent.iter().filter(|buffer| buffer.is_sole()).count()
    }

    /// Takes an unused block.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Buffer> {
        let buffer = match self.free.pop() {
            Some(buffer) => buffer,
            None => {
                let sole = self.lent.iter().position(SharedBuffer::is_sole)?;
                match self.lent.swap_remove(sole).try_take() {
                    Ok(buffer) => buffer,
                    Err(_) => unreachable!("grid: a block with one reference can be taken"),
                }
            }
        };
        self.taken += 1;
        Some(buffer)
    }

    /// Returns a block that was taken.
    #[inline]
    pub(super) fn give(&mut self, buffer: Buffer) {
        assert!(self.taken > 0, "grid: a buffer must come from the pool that it returns to");
        assert!(
            buffer.bytes().len() == self.block_size,
            "grid: a buffer of the pool must have the size of a block",
        );
        self.taken -= 1;
        self.free.push(buffer);
    }

    /// Records that a taken block is shared from now on. The caller keeps the reference to it.
    #[inline]
    pub(super) fn shared(&mut self) {
        assert!(self.taken > 0, "grid: a buffer must come from the pool that counts it");
        self.taken -= 1;
    }

    /// Takes back a shared block that is no longer in a cache or a queue. The block is free once no
    /// reader has a handle to it.
    #[inline]
    pub(super) fn lend(&mut self, buffer: SharedBuffer) {
        match buffer.try_take() {
            Ok(buffer) => self.free.push(buffer),
            Err(buffer) => self.lent.push(buffer),
        }
    }

    /// Makes all blocks free. Blocks that are still in use are replaced by new blocks.
    pub(super) fn reset(&mut self) {
        while let Some(buffer) = self.lent.pop() {
            if let Ok(buffer) = buffer.try_take() {
                self.free.push(buffer);
            }
        }
        self.taken = 0;
        let missing = self.capacity.saturating_sub(self.free.len());
        if missing > 0 {
            self.free.extend(Buffer::several(missing, self.block_size));
        }
        self.free.truncate(self.capacity);
    }

    /// Makes this a pool of `capacity` free blocks of another size. Uses its memory again, as far
    /// as possible.
    pub(super) fn renew(&mut self, capacity: usize, block_size: usize) {
        self.reset();
        let Self { free, spare, .. } = self;
        spare.append(free);
        free.extend(spare.extract_if(.., |buffer| buffer.resize(block_size)).take(capacity));
        (self.capacity, self.block_size) = (capacity, block_size);
        self.reset();
    }
}

//! Memory for reads and writes: aligned for direct I/O, with one writer or many readers.
//!
//! - The memory is aligned to [`Buffer::ALIGNMENT`] bytes and never moves. A smaller buffer is
//!   aligned to [`Buffer::SMALL_ALIGNMENT`] bytes.
//! - A [`Buffer`] has one owner, which may write. A [`SharedBuffer`] has any number of owners,
//!   which may only read: lookups read a block while it is written to the device.
//! - Only [`Buffer::new`] and [`Buffer::several`] allocate. Sharing a buffer and taking it back do
//!   not. The memory of several buffers is one allocation, a slab, which is freed with the last of
//!   them: so many buffers take little more than their bytes.

use std::fmt;
use std::sync::Arc;

use super::slab::{self, Piece};

/// Memory with one owner, which may write it.
pub struct Buffer {
    /// The only reference to this memory.
    memory: Arc<Piece>,
    length: usize,
}

impl Buffer {
    /// The alignment of the memory in bytes.
    pub const ALIGNMENT: usize = slab::LARGE;
    /// The alignment in bytes of memory of fewer than [`Buffer::ALIGNMENT`] bytes.
    pub const SMALL_ALIGNMENT: usize = slab::SMALL;
    /// The bytes that each buffer takes besides its own: two small allocations, with the count of
    /// its owners and the place of its bytes.
    const OVERHEAD: usize = 128;

    /// The bytes that each of several buffers of `length` bytes allocates: whole units, and 128
    /// bytes. A unit has [`Buffer::SMALL_ALIGNMENT`] bytes if the length is below
    /// [`Buffer::ALIGNMENT`], and [`Buffer::ALIGNMENT`] bytes otherwise.
    #[must_use]
    pub const fn memory_size(length: usize) -> u64 {
        (slab::size(length) + Self::OVERHEAD) as u64
    }

    /// Allocates `length` bytes, all zero.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let Some(buffer) = Self::several(1, length).next() else {
            unreachable!("buffer: as many buffers are made as were asked for")
        };
        buffer
    }

    /// Allocates `count` buffers of `length` bytes each, all zero, in one slab.
    pub fn several(count: usize, length: usize) -> impl Iterator<Item = Self> {
        let pieces = slab::pieces(count, length);
        pieces.map(move |piece| Self { memory: Arc::new(piece), length })
    }

    /// Returns the bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.memory.bytes()[..self.length]
    }

    /// Returns the bytes for writing.
    #[must_use]
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let Some(piece) = Arc::get_mut(&mut self.memory) else {
            unreachable!("buffer: a buffer has one owner");
        };
        &mut piece.bytes_mut()[..self.length]
    }

    /// Changes the length, if memory of the new length is as large and as aligned as this memory.
    /// Returns whether it is. The bytes are arbitrary afterwards.
    pub(crate) fn resize(&mut self, length: usize) -> bool {
        let is_same = slab::is_large(length) == slab::is_large(self.length);
        let fits = is_same && slab::size(length) == self.memory.bytes().len();
        if fits {
            self.length = length;
        }
        fits
    }

    /// Makes the memory shared and read-only.
    #[must_use]
    #[inline]
    pub fn share(self) -> SharedBuffer {
        let Self { memory, length } = self;
        SharedBuffer { memory, length }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Buffer").field("length", &self.length).finish_non_exhaustive()
    }
}

/// Memory with any number of owners, which may only read it. A clone refers to the same memory.
#[derive(Clone)]
pub struct SharedBuffer {
    memory: Arc<Piece>,
    length: usize,
}

impl SharedBuffer {
    /// Returns the bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.memory.bytes()[..self.length]
    }

    /// Returns whether this is the only reference to the memory.
    #[must_use]
    #[inline]
    pub fn is_sole(&self) -> bool {
        Arc::strong_count(&self.memory) == 1
    }

    /// Makes the memory writable again.
    ///
    /// # Errors
    ///
    /// Returns itself if there are other references.
    #[inline]
    pub fn try_take(self) -> Result<Buffer, Self> {
        if self.is_sole() {
            let Self { memory, length } = self;
            Ok(Buffer { memory, length })
        } else {
            Err(self)
        }
    }
}

impl fmt::Debug for SharedBuffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedBuffer").field("length", &self.length).finish_non_exhaustive()
    }
}

//! Memory for reads and writes: aligned for direct I/O, with one writer or many readers.
//!
//! - The memory is aligned to [`Buffer::ALIGNMENT`] bytes and never moves. A smaller buffer is
//!   aligned to [`Buffer::SMALL_ALIGNMENT`] bytes.
//! - A [`Buffer`] has one owner, which may write. A [`SharedBuffer`] has any number of owners,
//!   which may only read: lookups read a block while it is written to the device.
//! - Only [`Buffer::new`] allocates. Sharing a buffer and taking it back do not.

use std::fmt;
use std::sync::Arc;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The unit of large buffers. Direct I/O requires memory that is aligned to the sectors of the
/// device.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(4096))]
struct Page([u8; Buffer::ALIGNMENT]);

/// The unit of small buffers. A device with larger sectors cannot use them for direct I/O.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(512))]
struct Line([u8; Buffer::SMALL_ALIGNMENT]);

const _: () = assert!(size_of::<Page>() == Buffer::ALIGNMENT);
const _: () = assert!(align_of::<Page>() == Buffer::ALIGNMENT);
const _: () = assert!(size_of::<Line>() == Buffer::SMALL_ALIGNMENT);
const _: () = assert!(align_of::<Line>() == Buffer::SMALL_ALIGNMENT);

/// Reference-counted memory.
#[derive(Clone)]
enum Memory {
    Lines(Arc<[Line]>),
    Pages(Arc<[Page]>),
}

impl Memory {
    fn new(length: usize) -> Self {
        let size = Self::size(length);
        if Self::is_large(length) {
            Self::Pages((0..size / size_of::<Page>()).map(|_| Page([0; _])).collect())
        } else {
            Self::Lines((0..size / size_of::<Line>()).map(|_| Line([0; _])).collect())
        }
    }

    /// Returns whether memory for `length` bytes consists of pages.
    fn is_large(length: usize) -> bool {
        length >= size_of::<Page>()
    }

    /// Returns the size of memory for `length` bytes, in bytes.
    fn size(length: usize) -> usize {
        let unit = if Self::is_large(length) { size_of::<Page>() } else { size_of::<Line>() };
        length.next_multiple_of(unit)
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Lines(lines) => lines.as_bytes(),
            Self::Pages(pages) => pages.as_bytes(),
        }
    }

    /// Returns the bytes if this is the only reference.
    #[inline]
    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        match self {
            Self::Lines(lines) => Arc::get_mut(lines).map(IntoBytes::as_mut_bytes),
            Self::Pages(pages) => Arc::get_mut(pages).map(IntoBytes::as_mut_bytes),
        }
    }

    /// Returns the number of references.
    #[inline]
    fn holders(&self) -> usize {
        match self {
            Self::Lines(lines) => Arc::strong_count(lines),
            Self::Pages(pages) => Arc::strong_count(pages),
        }
    }
}

/// Memory with one owner, which may write it.
pub struct Buffer {
    /// The only reference to this memory.
    memory: Memory,
    length: usize,
}

impl Buffer {
    /// The alignment of the memory in bytes.
    pub const ALIGNMENT: usize = 4096;
    /// The alignment in bytes of memory of fewer than [`Buffer::ALIGNMENT`] bytes.
    pub const SMALL_ALIGNMENT: usize = 512;

    /// The bytes that a buffer of `length` bytes allocates: whole units, and one more for the count
    /// of its owners. A unit has [`Buffer::SMALL_ALIGNMENT`] bytes if the length is below
    /// [`Buffer::ALIGNMENT`], and [`Buffer::ALIGNMENT`] bytes otherwise.
    #[must_use]
    pub const fn memory_size(length: usize) -> u64 {
        let unit = if length < Self::ALIGNMENT { Self::SMALL_ALIGNMENT } else { Self::ALIGNMENT };
        (length.next_multiple_of(unit) + unit) as u64
    }

    /// Allocates `length` bytes, all zero.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { memory: Memory::new(length), length }
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
        let Some(bytes) = self.memory.bytes_mut() else {
            unreachable!("buffer: a buffer has one owner");
        };
        &mut bytes[..self.length]
    }

    /// Changes the length, if memory of the new length is as large and as aligned as this memory.
    /// Returns whether it is. The bytes are arbitrary afterwards.
    pub(crate) fn resize(&mut self, length: usize) -> bool {
        let fits = Memory::is_large(length) == matches!(self.memory, Memory::Pages(_))
            && Memory::size(length) == self.memory.bytes().len();
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
    memory: Memory,
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
        self.memory.holders() == 1
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

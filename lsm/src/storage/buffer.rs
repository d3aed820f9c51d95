//! Memory for reads and writes: aligned for direct I/O, owned, and shared only to be read.
//!
//! - The memory is aligned to [`Buffer::ALIGNMENT`] bytes, that of fewer bytes than these to
//!   [`Buffer::SMALL_ALIGNMENT`], and never moves.
//! - A [`Buffer`] has one owner, who may write. A [`SharedBuffer`] has any number, who may not: a block
//!   that is being written to the device is read by lookups at the same time.
//! - Only [`Buffer::new`] allocates. Sharing and taking back do not.
//!
//! What this does not do: it is no pool. Who makes buffers keeps count of them.

use std::fmt;
use std::sync::Arc;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// What large buffers are made of. Devices want the memory of direct I/O aligned to their sectors.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(4096))]
struct Page([u8; Buffer::ALIGNMENT]);

/// What small buffers are made of: no device with larger sectors writes them directly.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(512))]
struct Line([u8; Buffer::SMALL_ALIGNMENT]);

const _: () = assert!(size_of::<Page>() == Buffer::ALIGNMENT);
const _: () = assert!(align_of::<Page>() == Buffer::ALIGNMENT);
const _: () = assert!(size_of::<Line>() == Buffer::SMALL_ALIGNMENT);
const _: () = assert!(align_of::<Line>() == Buffer::SMALL_ALIGNMENT);

/// Memory that is counted by its holders.
#[derive(Clone)]
enum Memory {
    Lines(Arc<[Line]>),
    Pages(Arc<[Page]>),
}

impl Memory {
    fn new(length: usize) -> Self {
        if length < size_of::<Page>() {
            let lines = length.div_ceil(size_of::<Line>());
            Self::Lines((0..lines).map(|_| Line([0; _])).collect())
        } else {
            let pages = length.div_ceil(size_of::<Page>());
            Self::Pages((0..pages).map(|_| Page([0; _])).collect())
        }
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Lines(lines) => lines.as_bytes(),
            Self::Pages(pages) => pages.as_bytes(),
        }
    }

    /// The bytes, if nobody else holds them.
    #[inline]
    fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        match self {
            Self::Lines(lines) => Arc::get_mut(lines).map(IntoBytes::as_mut_bytes),
            Self::Pages(pages) => Arc::get_mut(pages).map(IntoBytes::as_mut_bytes),
        }
    }

    #[inline]
    fn holders(&self) -> usize {
        match self {
            Self::Lines(lines) => Arc::strong_count(lines),
            Self::Pages(pages) => Arc::strong_count(pages),
        }
    }
}

/// Memory that one owner may write.
pub struct Buffer {
    /// Held by nobody else.
    memory: Memory,
    length: usize,
}

impl Buffer {
    /// What the memory is aligned to, in bytes.
    pub const ALIGNMENT: usize = 4096;
    /// What memory of fewer bytes than [`Buffer::ALIGNMENT`] is aligned to.
    pub const SMALL_ALIGNMENT: usize = 512;

    /// `length` bytes, all zero.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { memory: Memory::new(length), length }
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.memory.bytes()[..self.length]
    }

    /// The bytes, to be written.
    #[must_use]
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let Some(bytes) = self.memory.bytes_mut() else {
            unreachable!("buffer: a buffer has one owner");
        };
        &mut bytes[..self.length]
    }

    /// The same memory, to be read by many.
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

/// Memory that many may read and nobody may write. A clone is the same memory.
#[derive(Clone)]
pub struct SharedBuffer {
    memory: Memory,
    length: usize,
}

impl SharedBuffer {
    /// The bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.memory.bytes()[..self.length]
    }

    /// Whether nobody else holds this memory.
    #[must_use]
    #[inline]
    pub fn is_sole(&self) -> bool {
        self.memory.holders() == 1
    }

    /// The memory, to be written again.
    ///
    /// # Errors
    ///
    /// Itself, if others hold it.
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

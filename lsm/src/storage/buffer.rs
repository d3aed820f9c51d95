//! Memory for reads and writes: aligned for direct I/O, owned, and shared only to be read.
//!
//! - The memory is aligned to [`Buffer::ALIGNMENT`] bytes and never moves.
//! - A [`Buffer`] has one owner, who may write. A [`SharedBuffer`] has any number, who may not: a block
//!   that is being written to the device is read by lookups at the same time.
//! - Only [`Buffer::new`] allocates. Sharing and taking back do not.
//!
//! What this does not do: it is no pool. Who makes buffers keeps count of them.

use std::fmt;
use std::sync::Arc;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// What buffers are made of. Devices want the memory of direct I/O aligned to their sectors.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(4096))]
struct Page([u8; Buffer::ALIGNMENT]);

const _: () = assert!(size_of::<Page>() == Buffer::ALIGNMENT);
const _: () = assert!(align_of::<Page>() == Buffer::ALIGNMENT);

/// Memory that one owner may write.
pub struct Buffer {
    /// The only reference to them.
    pages: Arc<[Page]>,
    length: usize,
}

impl Buffer {
    /// What the memory is aligned to, in bytes.
    pub const ALIGNMENT: usize = 4096;

    /// `length` bytes, all zero.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let pages = length.div_ceil(size_of::<Page>());
        Self { pages: (0..pages).map(|_| Page([0; _])).collect(), length }
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.pages.as_bytes()[..self.length]
    }

    /// The bytes, to be written.
    #[must_use]
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let Some(pages) = Arc::get_mut(&mut self.pages) else {
            unreachable!("buffer: a buffer has one owner");
        };
        &mut pages.as_mut_bytes()[..self.length]
    }

    /// The same memory, to be read by many.
    #[must_use]
    #[inline]
    pub fn share(self) -> SharedBuffer {
        let Self { pages, length } = self;
        SharedBuffer { pages, length }
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
    pages: Arc<[Page]>,
    length: usize,
}

impl SharedBuffer {
    /// The bytes.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.pages.as_bytes()[..self.length]
    }

    /// Whether nobody else holds this memory.
    #[must_use]
    #[inline]
    pub fn is_sole(&self) -> bool {
        Arc::strong_count(&self.pages) == 1
    }

    /// The memory, to be written again.
    ///
    /// # Errors
    ///
    /// Itself, if others hold it.
    #[inline]
    pub fn try_take(self) -> Result<Buffer, Self> {
        if self.is_sole() {
            let Self { pages, length } = self;
            Ok(Buffer { pages, length })
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

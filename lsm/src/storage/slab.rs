//! Memory for several buffers in one allocation.
//!
//! ```text
//! slab    [ piece 0 ][ piece 1 ] .. [ piece n - 1 ]      one aligned allocation
//!             ^          ^
//! buffers  owner 0    owner 1      each with a count of its own, beside the slab
//! ```
//!
//! - An aligned allocation of one block takes up to twice its size, because the allocator needs a
//!   header before it. And a count of owners before the bytes takes a whole unit of the alignment.
//!   So the pieces of a slab have neither.
//! - A piece is handed out once. The slab is freed once all of its pieces are dropped.
//! - A piece borrows from its slab and owns a reference to it. The crate `self_cell` makes such a
//!   pair without unsafe code here.

use std::slice::ChunksExactMut;
use std::sync::{Arc, PoisonError};

use self_cell::{MutBorrow, self_cell};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The alignment of large pieces.
pub(super) const LARGE: usize = 4096;
/// The alignment of small pieces.
pub(super) const SMALL: usize = 512;

/// The unit of large pieces. Direct I/O requires memory that is aligned to the sectors of the
/// device.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(4096))]
struct Page([u8; LARGE]);

/// The unit of small pieces. A device with larger sectors cannot use them for direct I/O.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(512))]
struct Line([u8; SMALL]);

const _: () = assert!(size_of::<Page>() == LARGE && align_of::<Page>() == LARGE);
const _: () = assert!(size_of::<Line>() == SMALL && align_of::<Line>() == SMALL);

/// The bytes of a slab.
enum Units {
    Lines(Box<[Line]>),
    Pages(Box<[Page]>),
}

impl Units {
    /// Allocates `size` bytes, all zero: whole units.
    fn new(size: usize, is_large: bool) -> Self {
        if is_large {
            Self::Pages(vec![Page([0; _]); size / LARGE].into_boxed_slice())
        } else {
            Self::Lines(vec![Line([0; _]); size / SMALL].into_boxed_slice())
        }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Lines(lines) => lines.as_mut_bytes(),
            Self::Pages(pages) => pages.as_mut_bytes(),
        }
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "nothing waits: pieces are handed out through a shared reference to the slab"
)]
type Pieces<'a> = std::sync::Mutex<ChunksExactMut<'a, u8>>;
type Bytes<'a> = &'a mut [u8];

self_cell!(
    /// One allocation, and the pieces of it that were not handed out.
    struct Slab {
        owner: MutBorrow<Units>,
        #[not_covariant]
        dependent: Pieces,
    }
);

self_cell!(
    /// A piece of a slab, which exists as long as the piece.
    pub(super) struct Piece {
        owner: Arc<Slab>,
        #[covariant]
        dependent: Bytes,
    }
);

/// Returns whether a piece of `length` bytes consists of pages.
pub(super) const fn is_large(length: usize) -> bool {
    length >= LARGE
}

/// Returns the size of a piece of `length` bytes, in bytes.
pub(super) const fn size(length: usize) -> usize {
    let unit = if is_large(length) { LARGE } else { SMALL };
    length.next_multiple_of(unit)
}

/// Allocates `count` pieces of at least `length` bytes, all zero.
pub(super) fn pieces(count: usize, length: usize) -> impl Iterator<Item = Piece> {
    let size = size(length).max(SMALL);
    let units = Units::new(count * size, is_large(length));
    let slab = Arc::new(Slab::new(MutBorrow::new(units), |units| {
        Pieces::new(units.borrow_mut().bytes_mut().chunks_exact_mut(size))
    }));
    (0..count).map(move |_| Piece::new(Arc::clone(&slab), |slab| next(slab)))
}

/// The next piece of a slab.
fn next(slab: &Slab) -> &mut [u8] {
    slab.with_dependent(|_, pieces| {
        let mut pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(piece) = pieces.next() else {
            unreachable!("buffer: a slab has as many pieces as it was made for")
        };
        piece
    })
}

impl Piece {
    /// Returns the bytes.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.borrow_dependent()
    }

    /// Returns the bytes for writing.
    #[inline]
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        self.with_dependent_mut(|_, bytes| &mut **bytes)
    }
}

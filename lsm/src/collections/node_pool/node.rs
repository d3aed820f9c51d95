//! An acquired node: its memory, seen as elements of any one type.
//!
//! - The memory is aligned to 16 bytes and never moves.
//! - Any bytes are valid elements, and elements have no bytes that are undefined: that is what
//!   [`Element`] asks for, and why bytes left by another type are harmless.
//!
//! What this does not do: it does not count elements. Who acquired the node knows how many of them
//! mean something.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::NodePoolOptions;

/// What can live in a node: plain bytes, of one byte or more, aligned to 16 bytes or fewer. Derive
/// zerocopy's traits, and it is one.
pub trait Element: Copy + FromBytes + IntoBytes + Immutable + KnownLayout {}

impl<T: Copy + FromBytes + IntoBytes + Immutable + KnownLayout> Element for T {}

/// What nodes are made of.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(16))]
pub(super) struct Chunk([u8; NodePoolOptions::NODE_ALIGNMENT]);

const _: () = assert!(align_of::<Chunk>() == NodePoolOptions::NODE_ALIGNMENT);
const _: () = assert!(size_of::<Chunk>() == NodePoolOptions::NODE_ALIGNMENT);

pub(super) fn allocate(node_size: usize) -> Box<[Chunk]> {
    vec![Chunk([0; _]); node_size / size_of::<Chunk>()].into_boxed_slice()
}

/// Where memory is: no two nodes have the same address.
#[inline]
pub(super) fn address(chunks: &[Chunk]) -> usize {
    chunks.as_ptr().addr()
}

/// A node that is acquired, with its memory. It goes back by [`NodePool::release`].
///
/// [`NodePool::release`]: super::NodePool::release
pub struct Node {
    number: u32,
    chunks: Box<[Chunk]>,
}

impl Node {
    #[inline]
    pub(super) fn new(number: u32, chunks: Box<[Chunk]>) -> Self {
        Self { number, chunks }
    }

    #[inline]
    pub(super) fn into_parts(self) -> (u32, Box<[Chunk]>) {
        (self.number, self.chunks)
    }

    /// The number of the node in its pool, from 0.
    #[must_use]
    #[inline]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The memory as elements: as many as fit. What is not written by this user is arbitrary.
    #[must_use]
    #[inline]
    pub fn elements<T: Element>(&self) -> &[T] {
        const { assert_fits::<T>() };
        let bytes = self.chunks.as_bytes();
        match <[T]>::ref_from_prefix_with_elems(bytes, bytes.len() / size_of::<T>()) {
            Ok((elements, _)) => elements,
            Err(_) => unreachable!("node_pool: memory of a node is large and aligned enough"),
        }
    }

    /// The memory as elements that can be written: as many as fit.
    #[must_use]
    #[inline]
    pub fn elements_mut<T: Element>(&mut self) -> &mut [T] {
        const { assert_fits::<T>() };
        let bytes = self.chunks.as_mut_bytes();
        let count = bytes.len() / size_of::<T>();
        match <[T]>::mut_from_prefix_with_elems(bytes, count) {
            Ok((elements, _)) => elements,
            Err(_) => unreachable!("node_pool: memory of a node is large and aligned enough"),
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = size_of_val(&*self.chunks);
        formatter.debug_struct("Node").field("number", &self.number).field("size", &size).finish()
    }
}

/// Evaluated at compile time for each type that is put into nodes.
const fn assert_fits<T: Element>() {
    assert!(size_of::<T>() > 0, "node_pool: an element must have a byte or more");
    assert!(
        align_of::<T>() <= NodePoolOptions::NODE_ALIGNMENT,
        "node_pool: an element must not need more alignment than a node has",
    );
}

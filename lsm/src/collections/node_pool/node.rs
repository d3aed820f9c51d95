//! An acquired node: its memory, read and written as elements of any type.
//!
//! - The memory is aligned to 16 bytes and never moves.
//! - [`Element`] requires that all bytes are valid elements and that elements have no undefined
//!   bytes. So the bytes that another type left in the memory are harmless.
//! - The node does not count its elements. The user of the node knows how many are in use.

use std::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::NodePoolOptions;

/// A type whose values can be stored in a node: plain bytes, of at least 1 byte, aligned to at most
/// 16 bytes. Every `Copy` type that derives these traits of zerocopy is an element.
pub trait Element: Copy + FromBytes + IntoBytes + Immutable + KnownLayout {}

impl<T: Copy + FromBytes + IntoBytes + Immutable + KnownLayout> Element for T {}

/// The unit of a node's memory.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(16))]
pub(super) struct Chunk([u8; NodePoolOptions::NODE_ALIGNMENT]);

const _: () = assert!(align_of::<Chunk>() == NodePoolOptions::NODE_ALIGNMENT);
const _: () = assert!(size_of::<Chunk>() == NodePoolOptions::NODE_ALIGNMENT);

pub(super) fn allocate(node_size: usize) -> Box<[Chunk]> {
    vec![Chunk([0; _]); node_size / size_of::<Chunk>()].into_boxed_slice()
}

/// Returns the address of this memory. No two nodes have the same address.
#[inline]
pub(super) fn address(chunks: &[Chunk]) -> usize {
    chunks.as_ptr().addr()
}

/// An acquired node with its memory. [`NodePool::release`] takes it back.
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

    /// Returns the number of the node in its pool, counted from 0.
    #[must_use]
    #[inline]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the memory as elements, as many as fit. Elements that the current user did not write
    /// have arbitrary values.
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

    /// Returns the memory as mutable elements, as many as fit.
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

/// Evaluated at compile time for each type that is stored in nodes.
const fn assert_fits<T: Element>() {
    assert!(size_of::<T>() > 0, "node_pool: an element must have a byte or more");
    assert!(
        align_of::<T>() <= NodePoolOptions::NODE_ALIGNMENT,
        "node_pool: an element must not need more alignment than a node has",
    );
}

//! A pool of a fixed number of equally large pieces of memory.
//!
//! ```text
//! free       0 1 1 0 1 ..     one bit per node; acquire takes the lowest set bit
//! memory     - # # - # ..     the memory of the free nodes; an acquired node owns its memory
//! ```
//!
//! - The constructor allocates all memory. Later calls only change the owner of the memory.
//! - The free node with the lowest number is acquired first, so that the same calls acquire the
//!   same nodes.
//! - An acquired [`Node`] owns its memory. So a node cannot be released twice or used after its
//!   release, and it is read and written without the pool.
//! - A node is released to the pool that it was acquired from.
//! - Memory is not cleared: a node contains the data of its last user.
//!
//! The pool detects a node that is dropped instead of released only when
//! [`NodePool::assert_all_free`] is called.
//!
//! Files: `options` has the sizes, `node` the memory and its elements, and `free_nodes` finds the
//! lowest free node.

mod free_nodes;
mod node;
mod options;

pub use node::{Element, Node};
pub use options::NodePoolOptions;

use free_nodes::FreeNodes;
use node::Chunk;

use std::fmt;

use super::InvalidOptions;
use crate::check::verify;

/// A pool of nodes; see the [module](self).
pub struct NodePool {
    options: NodePoolOptions,
    free: FreeNodes,
    /// The memory of each free node, by number; `None` for an acquired node.
    memory: Box<[Option<Box<[Chunk]>>]>,
    /// Memory that no node uses since the pool was made smaller, or its nodes larger or smaller.
    spare: Vec<Box<[Chunk]>>,
    /// The address of each node's memory, by number. Compared for equality only.
    addresses: Box<[usize]>,
}

impl NodePool {
    /// Creates a pool whose nodes are all free. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid; see [`NodePoolOptions::validate`].
    pub fn new(options: NodePoolOptions) -> Result<Self, InvalidOptions> {
        options.validate()?;
        Ok(Self::with_memory(options, Vec::new()))
    }

    /// A pool whose nodes are all free. Takes their memory from `spare` as far as possible.
    fn with_memory(options: NodePoolOptions, mut spare: Vec<Box<[Chunk]>>) -> Self {
        let NodePoolOptions { node_size, node_count } = options;
        let mut memory = Vec::with_capacity(node_count as usize);
        let fitting = spare.extract_if(.., |chunks| size_of_val(&**chunks) == node_size);
        memory.extend(fitting.take(node_count as usize));
        memory.resize_with(node_count as usize, || node::allocate(node_size));
        Self {
            options,
            free: FreeNodes::new(node_count),
            addresses: memory.iter().map(|chunks| node::address(chunks)).collect(),
            memory: memory.into_iter().map(Some).collect(),
            spare,
        }
    }

    /// Makes this a pool with other options, whose nodes are all free. Uses its memory again, as
    /// far as possible.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid; see [`NodePoolOptions::validate`].
    ///
    /// # Panics
    ///
    /// If a node is acquired.
    pub fn renew(&mut self, options: NodePoolOptions) -> Result<(), InvalidOptions> {
        options.validate()?;
        self.assert_all_free();
        let mut spare = std::mem::take(&mut self.spare);
        spare.extend(std::mem::take(&mut self.memory).into_iter().flatten());
        *self = Self::with_memory(options, spare);
        Ok(())
    }

    /// Acquires the free node with the lowest number. Its memory contains the data of its last
    /// user.
    ///
    /// # Panics
    ///
    /// If no node is free.
    #[inline]
    pub fn acquire(&mut self) -> Node {
        let Some(number) = self.free.take_lowest() else { self.panic_exhausted() };
        let chunks = self.memory[number as usize].take();
        Node::new(number, chunks.expect("node_pool: the memory of a free node is in the pool"))
    }

    /// Releases a node.
    ///
    /// # Panics
    ///
    /// If the node was acquired from another pool.
    #[inline]
    pub fn release(&mut self, node: Node) {
        let (number, chunks) = node.into_parts();
        assert!(
            self.addresses.get(number as usize) == Some(&node::address(&chunks)),
            "node_pool: a node must be released to the pool it came from (number {number})",
        );
        self.free.put(number);
        let place = &mut self.memory[number as usize];
        assert!(place.is_none(), "node_pool: an acquired node has its memory (number {number})");
        *place = Some(chunks);
        if self.free.count() == self.options.node_count {
            verify!(self.verify());
        }
    }

    /// Returns the size of a node in bytes.
    #[must_use]
    #[inline]
    pub fn node_size(&self) -> usize {
        self.options.node_size
    }

    /// Returns the number of nodes, free and acquired.
    #[must_use]
    #[inline]
    pub fn node_count(&self) -> u32 {
        self.options.node_count
    }

    /// Returns the number of free nodes.
    #[must_use]
    #[inline]
    pub fn free_count(&self) -> u32 {
        self.free.count()
    }

    /// Returns the number of acquired nodes.
    #[must_use]
    #[inline]
    pub fn acquired_count(&self) -> u32 {
        self.options.node_count - self.free.count()
    }

    /// Checks that no node is acquired. No node may be acquired after all users of the pool are
    /// cleared.
    ///
    /// # Panics
    ///
    /// If a node is acquired.
    pub fn assert_all_free(&self) {
        assert!(
            self.acquired_count() == 0,
            "node_pool: all nodes must be released ({} of {} are acquired)",
            self.acquired_count(),
            self.options.node_count,
        );
        verify!(self.verify());
    }

    /// Checks all invariants, in time proportional to the number of nodes.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        self.free.verify();
        for (number, memory) in self.memory.iter().enumerate() {
            assert!(
                memory.is_some() == self.free.contains(number as u32),
                "node_pool: the memory of the free nodes, and of no others, must be in the pool",
            );
            let Some(chunks) = memory else { continue };
            assert!(
                node::address(chunks) == self.addresses[number],
                "node_pool: a node's memory must stay where it is",
            );
        }
    }

    #[cold]
    fn panic_exhausted(&self) -> ! {
        let NodePoolOptions { node_size, node_count } = self.options;
        panic!(
            "node_pool: no node is free (all {node_count} of {node_size} bytes are acquired): \
             enlarge node_count",
        );
    }
}

impl fmt::Debug for NodePool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { options, free, memory: _, addresses: _, spare: _ } = self;
        formatter
            .debug_struct("NodePool")
            .field("options", options)
            .field("free", free)
            .finish_non_exhaustive()
    }
}

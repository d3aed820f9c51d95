//! A fixed number of equally large pieces of memory, handed out and taken back.
//!
//! ```text
//! free       0 1 1 0 1 ..     one bit a node; acquire takes the lowest that is set
//! memory     - # # - # ..     a free node's memory is here; an acquired node has its own with it
//! ```
//!
//! - All memory is allocated by the constructor; afterwards it only changes hands.
//! - The lowest free number is acquired first, so that the same calls give the same nodes.
//! - An acquired [`Node`] owns its memory. So it cannot be released twice, nor used once released,
//!   and reading and writing it needs no pool.
//! - A node goes back to the pool that it came from.
//!
//! What it does not do: it does not clear memory; a node holds what its last user left there. It
//! does not notice a node that is dropped instead of released, until
//! [`NodePool::assert_all_free`].
//!
//! Files: `options` is the sizes, `node` the memory and its elements, `free_nodes` finds the lowest
//! free number.

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
    /// By number: the memory of a free node, and nothing for an acquired one.
    memory: Box<[Option<Box<[Chunk]>>]>,
    /// By number: where the memory of a node is. Compared for equality only.
    addresses: Box<[usize]>,
}

impl NodePool {
    /// A pool whose nodes are all free. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`NodePoolOptions::validate`] refuses the options.
    pub fn new(options: NodePoolOptions) -> Result<Self, InvalidOptions> {
        options.validate()?;
        let memory: Box<[_]> =
            (0..options.node_count).map(|_| node::allocate(options.node_size)).collect();
        Ok(Self {
            options,
            free: FreeNodes::new(options.node_count),
            addresses: memory.iter().map(|chunks| node::address(chunks)).collect(),
            memory: memory.into_iter().map(Some).collect(),
        })
    }

    /// Takes the free node of the lowest number. Its memory is as its last user left it.
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

    /// Takes a node back.
    ///
    /// # Panics
    ///
    /// If the node came from another pool.
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

    /// The bytes of a node.
    #[must_use]
    #[inline]
    pub fn node_size(&self) -> usize {
        self.options.node_size
    }

    /// The nodes of the pool, free and acquired.
    #[must_use]
    #[inline]
    pub fn node_count(&self) -> u32 {
        self.options.node_count
    }

    /// The nodes that can be acquired.
    #[must_use]
    #[inline]
    pub fn free_count(&self) -> u32 {
        self.free.count()
    }

    /// The nodes that are out.
    #[must_use]
    #[inline]
    pub fn acquired_count(&self) -> u32 {
        self.options.node_count - self.free.count()
    }

    /// Checks that no node is out, as it must be when all users of the pool are cleared.
    ///
    /// # Panics
    ///
    /// If one is.
    pub fn assert_all_free(&self) {
        assert!(
            self.acquired_count() == 0,
            "node_pool: all nodes must be released ({} of {} are acquired)",
            self.acquired_count(),
            self.options.node_count,
        );
        verify!(self.verify());
    }

    /// Checks all invariants. Takes time in proportion to the nodes, free or not.
    ///
    /// # Panics
    ///
    /// If one is broken; the message says which.
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
        let Self { options, free, memory: _, addresses: _ } = self;
        formatter
            .debug_struct("NodePool")
            .field("options", options)
            .field("free", free)
            .finish_non_exhaustive()
    }
}

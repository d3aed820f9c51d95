//! The sizes of a node pool.
//!
//! - Each limit has a reason; [`InvalidOptions`] gives it.
//!
//! What this does not do: it does not know what the nodes will hold. Whoever puts elements into
//! them checks that enough of them fit.

use crate::collections::InvalidOptions;

/// How many nodes a pool has, and how large they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodePoolOptions {
    /// The bytes of a node: a multiple of [`NodePoolOptions::NODE_ALIGNMENT`], not 0.
    pub node_size: usize,
    /// The number of nodes, 1 or more.
    pub node_count: u32,
}

impl NodePoolOptions {
    /// What a node's address and size are multiples of, in bytes.
    pub const NODE_ALIGNMENT: usize = 16;

    /// The most bytes that a node may have.
    pub const NODE_SIZE_MAX: usize = 1 << 24;

    /// Whether a pool can be built from this.
    ///
    /// # Errors
    ///
    /// If a size is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        Self::validate_node_size(self.node_size)?;
        if self.node_count == 0 {
            return Err(InvalidOptions::NodeCountZero);
        }
        Ok(())
    }

    /// Whether nodes can have this many bytes.
    ///
    /// # Errors
    ///
    /// If they cannot.
    pub fn validate_node_size(node_size: usize) -> Result<(), InvalidOptions> {
        if node_size == 0 {
            return Err(InvalidOptions::NodeSizeZero);
        }
        if !node_size.is_multiple_of(Self::NODE_ALIGNMENT) {
            let alignment = Self::NODE_ALIGNMENT;
            return Err(InvalidOptions::NodeSizeUnaligned { node_size, alignment });
        }
        if node_size > Self::NODE_SIZE_MAX {
            let node_size_max = Self::NODE_SIZE_MAX;
            return Err(InvalidOptions::NodeSizeOverLimit { node_size, node_size_max });
        }
        Ok(())
    }
}

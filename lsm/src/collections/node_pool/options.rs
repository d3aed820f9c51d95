//! The sizes of a node pool.
//!
//! - [`InvalidOptions`] gives the reason for each limit.
//! - The pool does not know the elements that are stored in its nodes. The user of the nodes checks
//!   that enough elements fit.

use crate::collections::InvalidOptions;

/// The number of nodes of a pool and their size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodePoolOptions {
    /// The size of a node in bytes: a multiple of [`NodePoolOptions::NODE_ALIGNMENT`], greater than
    /// 0.
    pub node_size: usize,
    /// The number of nodes, 1 or more.
    pub node_count: u32,
}

impl NodePoolOptions {
    /// The alignment of a node's address and size in bytes.
    pub const NODE_ALIGNMENT: usize = 16;

    /// The maximum size of a node in bytes.
    pub const NODE_SIZE_MAX: usize = 1 << 24;

    /// Checks the sizes against their limits.
    ///
    /// # Errors
    ///
    /// Returns an error if a size is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        Self::validate_node_size(self.node_size)?;
        if self.node_count == 0 {
            return Err(InvalidOptions::NodeCountZero);
        }
        Ok(())
    }

    /// Checks the size of a node, in bytes, against its limits.
    ///
    /// # Errors
    ///
    /// Returns an error if the size is outside of its limits.
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

//! The size of a segmented array, and the number of nodes that it needs.
//!
//! - [`InvalidOptions`] gives the reason for each limit.
//! - The capacity of a node is an even number of elements, so that a full node and one more element
//!   are split into two nodes that are at least half full.
//! - No nodes are reserved: the caller chooses the size of the pool.

use crate::collections::{Element, InvalidOptions, NodePoolOptions};

/// The size of a segmented array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentedArrayOptions {
    /// The maximum number of elements, 1 or more.
    pub element_count_max: u32,
}

impl SegmentedArrayOptions {
    /// The maximum of `element_count_max`. The list of nodes is allocated in advance.
    pub const ELEMENT_COUNT_MAX: u32 = 1 << 28;

    /// Checks the size against its limits.
    ///
    /// # Errors
    ///
    /// Returns an error if the size is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        Self::validate_count_max("element_count_max", self.element_count_max)
    }

    /// Checks the size against its limits, and whether a node has room for two elements of type
    /// `T`.
    ///
    /// # Errors
    ///
    /// Returns an error if the size, or that of a node, is outside of its limits.
    pub fn validate_nodes<T: Element>(&self, node_size: usize) -> Result<(), InvalidOptions> {
        self.validate()?;
        node_capacity::<T>(node_size).map(drop)
    }

    /// Checks a number of elements as [`SegmentedArrayOptions::validate`] does, for an option that
    /// becomes `element_count_max` but has another name. The error contains that name.
    ///
    /// # Errors
    ///
    /// Returns an error if the size is outside of its limits.
    pub fn validate_count_max(option: &'static str, count: u32) -> Result<(), InvalidOptions> {
        if count == 0 {
            return Err(InvalidOptions::CountMaxZero { option });
        }
        if count > Self::ELEMENT_COUNT_MAX {
            let count_max = Self::ELEMENT_COUNT_MAX;
            return Err(InvalidOptions::CountMaxOverLimit { option, count, count_max });
        }
        Ok(())
    }
}

/// Returns the capacity of a node in elements of this type: an even number, at least 2.
pub(super) fn node_capacity<T: Element>(node_size: usize) -> Result<u32, InvalidOptions> {
    NodePoolOptions::validate_node_size(node_size)?;
    let fitting = node_size / size_of::<T>();
    if fitting < 2 {
        return Err(InvalidOptions::NodeTooSmall { node_size, element_size: size_of::<T>() });
    }
    Ok((fitting - fitting % 2) as u32)
}

/// Returns the maximum number of nodes that a sequence of calls can lead to.
///
/// Let h be half the capacity of a node. If all nodes except the last are half full, n nodes have
/// at least (n - 1) * h + 1 elements, which allows (count - 1) / h + 1 nodes. This bound can be one
/// too large, because a node in the middle is created only by a split of at least 2h + 1 elements.
/// Before the split that creates the n-th node, there are at least n - 3 nodes of h elements, one
/// node of 2h, and a last node that is not empty. Together with the element that causes the split,
/// these are (n - 1) * h + 2 elements.
pub(super) fn node_count_max(element_count_max: u32, node_capacity: u32) -> u32 {
    if element_count_max <= node_capacity {
        return 1;
    }
    (element_count_max - 2) / (node_capacity / 2) + 1
}

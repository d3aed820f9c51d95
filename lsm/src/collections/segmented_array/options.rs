//! The size of a segmented array, and how many nodes that takes at most.
//!
//! - Each limit has a reason; [`InvalidOptions`] gives it.
//! - A node holds an even number of elements, so that a full one and an element more can be split
//!   into two that are at least half full.
//!
//! What this does not do: it does not reserve nodes. The pool is the caller's, who may count on
//! fewer than the most.

use crate::collections::{Element, InvalidOptions, NodePoolOptions};

/// How much a segmented array may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentedArrayOptions {
    /// The most elements, 1 or more.
    pub element_count_max: u32,
}

impl SegmentedArrayOptions {
    /// The most that `element_count_max` may be. The list of nodes is allocated for it.
    pub const ELEMENT_COUNT_MAX: u32 = 1 << 28;

    /// Whether a segmented array can be built from this.
    ///
    /// # Errors
    ///
    /// If the size is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        Self::validate_count_max("element_count_max", self.element_count_max)
    }

    /// As [`SegmentedArrayOptions::validate`], for an option of another name that becomes
    /// `element_count_max`.
    ///
    /// # Errors
    ///
    /// If the size is outside of its limits.
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

/// How many elements of this type a node holds: even, 2 or more.
pub(super) fn node_capacity<T: Element>(node_size: usize) -> Result<u32, InvalidOptions> {
    NodePoolOptions::validate_node_size(node_size)?;
    let fitting = node_size / size_of::<T>();
    if fitting < 2 {
        return Err(InvalidOptions::NodeTooSmall { node_size, element_size: size_of::<T>() });
    }
    Ok((fitting - fitting % 2) as u32)
}

/// The most nodes that any calls can lead to.
///
/// With h for half a node's capacity, n nodes in which all but the last are half full hold at least
/// (n - 1) * h + 1 elements, which makes (count - 1) / h + 1 nodes. But the last of them cannot be
/// had: nodes arise by splits, of 2h + 1 elements or more, so that the moment before there were
/// n - 3 nodes of h, one of 2h, and a last one that cannot be empty. With the element that makes it
/// split these are (n - 1) * h + 2.
pub(super) fn node_count_max(element_count_max: u32, node_capacity: u32) -> u32 {
    if element_count_max <= node_capacity {
        return 1;
    }
    (element_count_max - 2) / (node_capacity / 2) + 1
}

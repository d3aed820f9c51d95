//! What a segmented array shows of itself, and the check of its invariants.
//!
//! - Nothing here changes anything.
//!
//! What this does not do: it does not repair.

use super::{SegmentedArray, Statistics};
use crate::collections::Element;

impl<T: Element> SegmentedArray<T> {
    /// The number of elements.
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.indexes[self.nodes.len()]
    }

    /// Whether there are no elements.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The most elements that there may be.
    #[must_use]
    pub fn element_count_max(&self) -> u32 {
        self.element_count_max
    }

    /// The number of nodes.
    #[must_use]
    #[inline]
    pub fn node_count(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// The most nodes that there can be. Some calls lead to exactly as many.
    #[must_use]
    pub fn node_count_max(&self) -> u32 {
        self.node_count_max
    }

    /// The elements that a node has room for: an even number, 2 or more.
    #[must_use]
    #[inline]
    pub fn node_capacity(&self) -> u32 {
        self.node_capacity
    }

    /// The bytes of a node.
    #[must_use]
    pub fn node_size(&self) -> usize {
        self.node_size
    }

    /// The number of elements in a node of the array, counted from 0.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    #[must_use]
    #[inline]
    pub fn node_len(&self, node: u32) -> u32 {
        self.indexes[node as usize + 1] - self.indexes[node as usize]
    }

    /// What happened since construction or the latest reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Checks all invariants. Takes time in proportion to the nodes.
    ///
    /// # Panics
    ///
    /// If one is broken; the message says which.
    pub fn verify(&self) {
        self.verify_nodes();
        assert!(self.indexes[0] == 0, "segmented_array: the first index must be 0");
        assert!(
            self.len() <= self.element_count_max,
            "segmented_array: there must be at most element_count_max elements",
        );
        self.statistics.verify(self.node_count());
        let mut numbers: Vec<u32> = self.nodes.iter().map(super::Node::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert!(
            numbers.len() == self.nodes.len(),
            "segmented_array: every node must be another one of the pool",
        );
    }

    /// Checks how many elements are in each node.
    pub(super) fn verify_nodes(&self) {
        assert!(
            self.indexes.len() == self.nodes.len() + 1,
            "segmented_array: there must be an index a node, and the end",
        );
        assert!(
            self.node_count() <= self.node_count_max,
            "segmented_array: there must be at most {} nodes",
            self.node_count_max,
        );
        for node in 0..self.node_count() {
            self.verify_node(node);
        }
    }

    #[inline]
    pub(super) fn verify_node(&self, node: u32) {
        let len = self.node_len(node);
        assert!(len > 0, "segmented_array: no node may be empty (node {node})");
        assert!(
            len <= self.node_capacity,
            "segmented_array: a node must not hold more than it has room for (node {node})",
        );
        assert!(
            len >= self.node_capacity / 2 || node + 1 == self.node_count(),
            "segmented_array: every node but the last must be half full (node {node})",
        );
    }
}

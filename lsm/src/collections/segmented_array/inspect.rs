//! Read access to the state of a segmented array, and the check of its invariants.

use super::{SegmentedArray, Statistics};
use crate::collections::Element;

impl<T: Element> SegmentedArray<T> {
    /// Returns the number of elements.
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.indexes[self.nodes.len()]
    }

    /// Returns whether there are no elements.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns the maximum number of elements.
    #[must_use]
    pub fn element_count_max(&self) -> u32 {
        self.element_count_max
    }

    /// Returns the number of nodes.
    #[must_use]
    #[inline]
    pub fn node_count(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// Returns the maximum number of nodes. Some sequences of calls reach it exactly.
    #[must_use]
    pub fn node_count_max(&self) -> u32 {
        self.node_count_max
    }

    /// Returns the number of elements that a node has room for: even, at least 2.
    #[must_use]
    #[inline]
    pub fn node_capacity(&self) -> u32 {
        self.node_capacity
    }

    /// Returns the size of a node in bytes.
    #[must_use]
    pub fn node_size(&self) -> usize {
        self.node_size
    }

    /// Returns the number of elements in this node of the array, counted from 0.
    ///
    /// # Panics
    ///
    /// If the array has no such node.
    #[must_use]
    #[inline]
    pub fn node_len(&self, node: u32) -> u32 {
        self.indexes[node as usize + 1] - self.indexes[node as usize]
    }

    /// Returns the counters since construction or the last reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Checks all invariants, in time proportional to the number of nodes.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
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
            "segmented_array: every node must be a different one of the pool",
        );
    }

    /// Checks the number of nodes and the number of elements in each of them.
    pub(super) fn verify_nodes(&self) {
        assert!(
            self.indexes.len() == self.nodes.len() + 1,
            "segmented_array: there must be one index a node, and the end",
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

//! Removes elements from nodes and returns nodes to the pool.
//!
//! - A batch is at most half of a node's capacity. All nodes except the last have at least that
//!   many elements, so a batch is in one node or in two neighbours.
//! - Only the nodes that lose elements and the node after them change.
//! - The public operations check their arguments; the functions here do not.

use super::{Cursor, SegmentedArray};
use crate::check::verify;
use crate::collections::{Element, NodePool};

impl<T: Element> SegmentedArray<T> {
    /// Removes a batch of one or more elements.
    pub(super) fn remove_batch(&mut self, pool: &mut NodePool, cursor: Cursor, count: u32) {
        self.assert_cursor(cursor);
        assert!(
            count <= self.node_capacity / 2,
            "segmented_array: a batch must not be more than half a node",
        );
        let Cursor { node, relative_index: at } = cursor;
        let count_first = count.min(self.node_len(node) - at);
        let count_second = count - count_first;
        self.remove_from_node(node, at, count_first);
        if count_second > 0 {
            self.remove_from_node(node + 1, 0, count_second);
            if self.node_len(node + 1) == 0 {
                self.remove_empty_node(pool, node + 1);
            }
        }

        let node_count = self.node_count();
        self.settle(pool, node);
        // The second node lost elements as well, if it still exists.
        if count_second > 0 && self.node_count() == node_count {
            self.settle(pool, node + 1);
        }
    }

    /// Removes elements from one node. Afterwards the node may be empty or less than half full.
    #[inline]
    fn remove_from_node(&mut self, node: u32, at: u32, count: u32) {
        let len = self.node_len(node) as usize;
        let (at_end, at) = ((at + count) as usize, at as usize);
        self.nodes[node as usize].elements_mut::<T>().copy_within(at_end..len, at);
        for index in &mut self.indexes[node as usize + 1..] {
            // Each of these indexes is at least `count`, so the subtraction does not wrap.
            *index = index.wrapping_sub(count);
        }
    }

    /// Restores the invariants of a node that lost elements. An empty node is released. A node is
    /// merged with the next node if both fit into one. Otherwise, if the node is less than half
    /// full, the two nodes share their elements evenly.
    fn settle(&mut self, pool: &mut NodePool, node: u32) {
        if node >= self.node_count() {
            return;
        }
        let len = self.node_len(node);
        if len == 0 {
            return self.remove_empty_node(pool, node);
        }
        if node + 1 == self.node_count() {
            return;
        }
        let total = len + self.node_len(node + 1);
        if total <= self.node_capacity {
            self.merge(pool, node);
        } else if len < self.node_capacity / 2 {
            self.rebalance(node, total.div_ceil(2));
        }
    }

    /// Moves all elements of the next node to this node and releases the next node.
    fn merge(&mut self, pool: &mut NodePool, node: u32) {
        let len_next = self.node_len(node + 1);
        self.take_from_next(node, len_next);
        self.release(pool, node + 1);
        self.statistics.merges += 1;
        verify!(self.verify_node(node));
    }

    /// Moves elements from the next node until this one has `len` elements.
    fn rebalance(&mut self, node: u32, len: u32) {
        self.take_from_next(node, len - self.node_len(node));
        self.statistics.rebalances += 1;
        verify!(self.verify_node(node));
        verify!(self.verify_node(node + 1));
    }

    /// Moves the first elements of the next node to the end of this one.
    fn take_from_next(&mut self, node: u32, count: u32) {
        let (len, len_next) = (self.node_len(node) as usize, self.node_len(node + 1) as usize);
        let [this, next] = &mut self.nodes[node as usize..][..2] else {
            unreachable!("segmented_array: there is a next node")
        };
        let next = &mut next.elements_mut::<T>()[..len_next];
        let (taken, _) = next.split_at(count as usize);
        this.elements_mut()[len..][..taken.len()].copy_from_slice(taken);
        next.copy_within(count as usize.., 0);
        self.indexes[node as usize + 1] += count;
    }

    fn remove_empty_node(&mut self, pool: &mut NodePool, node: u32) {
        self.release(pool, node);
        self.statistics.nodes_emptied += 1;
    }

    /// Returns an empty node to the pool.
    fn release(&mut self, pool: &mut NodePool, node: u32) {
        assert!(self.node_len(node) == 0, "segmented_array: only an empty node may be released");
        pool.release(self.nodes.remove(node as usize));
        self.indexes.remove(node as usize + 1);
        self.statistics.nodes_released += 1;
    }
}

//! Inserts batches of elements into nodes.
//!
//! - A batch fits into one node, so a node and a batch fit into two nodes. If they do not fit into
//!   one node, splitting them evenly gives two nodes that are at least half full.
//! - The public operations check their arguments; the functions here do not.

use super::{Cursor, SegmentedArray};
use crate::check::verify;
use crate::collections::{Element, Node, NodePool};

impl<T: Element> SegmentedArray<T> {
    /// Inserts a batch of one or more elements at a position.
    pub(super) fn insert_batch(&mut self, pool: &mut NodePool, cursor: Cursor, batch: &[T]) {
        self.assert_cursor(cursor);
        let capacity = self.node_capacity as usize;
        assert!(batch.len() <= capacity, "segmented_array: a batch must fit into a node");
        if self.nodes.is_empty() {
            return self.append(pool, batch);
        }
        let len = self.node_len(cursor.node) as usize;
        if len + batch.len() <= capacity {
            self.insert_into_node(cursor, batch);
        } else if cursor == self.end_cursor() {
            let (fitting, rest) = batch.split_at(capacity - len);
            self.insert_into_node(cursor, fitting);
            self.append(pool, rest);
        } else {
            self.split(pool, cursor, batch);
        }
    }

    /// Inserts a batch into a node that has room for it.
    #[inline]
    fn insert_into_node(&mut self, cursor: Cursor, batch: &[T]) {
        let (node, at) = (cursor.node as usize, cursor.relative_index as usize);
        let len = self.node_len(cursor.node) as usize;
        let elements = self.nodes[node].elements_mut::<T>();
        elements.copy_within(at..len, at + batch.len());
        elements[at..at + batch.len()].copy_from_slice(batch);
        self.indexes_raise(node + 1, batch.len() as u32);
    }

    /// Appends a node with this batch.
    fn append(&mut self, pool: &mut NodePool, batch: &[T]) {
        let len = self.len() + batch.len() as u32;
        let mut node = self.acquire(pool);
        node.elements_mut()[..batch.len()].copy_from_slice(batch);
        self.nodes.push(node);
        self.indexes.push(len);
        self.statistics.appends += 1;
        verify!(self.verify_nodes());
    }

    /// Inserts a batch into a node that has no room for it. The node keeps the first half of all
    /// these elements, and a new node gets the second half.
    fn split(&mut self, pool: &mut NodePool, cursor: Cursor, batch: &[T]) {
        let (node, at) = (cursor.node as usize, cursor.relative_index as usize);
        let len = self.node_len(cursor.node) as usize;
        let total = len + batch.len();
        let first_len = total.div_ceil(2);

        let mut second_node = self.acquire(pool);
        let first = self.nodes[node].elements_mut::<T>();
        let second = &mut second_node.elements_mut::<T>()[..total - first_len];
        if first_len <= at {
            // first   [ ........ | ## at ######### ]
            // second               ## batch #########
            let (before, after) = second.split_at_mut(at - first_len);
            let (inserted, after) = after.split_at_mut(batch.len());
            before.copy_from_slice(&first[first_len..at]);
            inserted.copy_from_slice(batch);
            after.copy_from_slice(&first[at..len]);
        } else if at + batch.len() <= first_len {
            // first   [ .. at .. | ## ############ ]
            //           .. batch ..
            let stay = first_len - batch.len();
            second.copy_from_slice(&first[stay..len]);
            first.copy_within(at..stay, at + batch.len());
            first[at..at + batch.len()].copy_from_slice(batch);
        } else {
            // first   [ ........ at ############## ]
            //                    .. | ##  batch
            let (batch_first, batch_second) = batch.split_at(first_len - at);
            let (inserted, after) = second.split_at_mut(batch_second.len());
            inserted.copy_from_slice(batch_second);
            after.copy_from_slice(&first[at..len]);
            first[at..first_len].copy_from_slice(batch_first);
        }

        self.nodes.insert(node + 1, second_node);
        self.indexes.insert(node + 1, self.indexes[node] + first_len as u32);
        self.indexes_raise(node + 2, batch.len() as u32);
        self.statistics.splits += 1;
        verify!(self.verify_nodes());
    }

    #[inline]
    fn acquire(&mut self, pool: &mut NodePool) -> Node {
        assert!(
            self.node_count() < self.node_count_max,
            "segmented_array: there must be at most {} nodes",
            self.node_count_max,
        );
        self.statistics.nodes_acquired += 1;
        pool.acquire()
    }

    /// Adds `count` to the index of this node, of all nodes after it, and of the end.
    #[inline]
    fn indexes_raise(&mut self, node: usize, count: u32) {
        for index in &mut self.indexes[node..] {
            // This does not overflow: the length is the largest index, and the caller checked the
            // length. In a long list, checking each index would cost more than everything else.
            *index = index.wrapping_add(count);
        }
    }
}

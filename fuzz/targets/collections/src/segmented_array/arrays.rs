//! Two arrays, the pool from which both take their nodes, and their models.

use downbeat_lsm::collections::segmented_array::{
    Cursor, SegmentedArrayOptions, SortedSegmentedArray,
};
use downbeat_lsm::collections::{NodePool, NodePoolOptions};

use super::events::Event;
use super::states::Spot;
use super::words::{Array, Words};
use downbeat::check::equal;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run};
use downbeat_model::segmented_array::{Element, LIMIT, Model, NODE, Operation, POOL, SLACK};

/// A plain array of elements of `P` words, and a sorted one of `S` words.
#[derive(Debug)]
pub(super) struct Arrays<const P: usize, const S: usize> {
    pub(super) pool: NodePool,
    pub(super) plain: Array<P>,
    pub(super) sorted: SortedSegmentedArray<Words<S>>,
    pub(super) plain_model: Model,
    pub(super) sorted_model: Model,
    /// The number of elements made so far. It is the stamp of the newest element.
    pub(super) stamps: u64,
    /// A buffer for the elements of an insertion, for the model.
    pub(super) elements: Vec<Element>,
    /// A buffer for the elements of an insertion, for the array.
    pub(super) words: Vec<Words<P>>,
}

impl<const P: usize, const S: usize> Arrays<P, S> {
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting);
        let largest = 8 * P.max(S);
        let bytes = number(NODE) as usize * largest;
        let node_size =
            bytes.next_multiple_of(NodePoolOptions::NODE_ALIGNMENT) + number(SLACK) as usize;
        let options = SegmentedArrayOptions { element_count_max: number(LIMIT) };
        let valid = "the settings describe only valid geometries";
        let plain = Array::new(options, node_size).expect(valid);
        let sorted = SortedSegmentedArray::new(options, node_size).expect(valid);
        let all = plain.node_count_max() + sorted.as_array().node_count_max();
        // A smaller pool still has one node for each array.
        let node_count = (all * number(POOL)).div_ceil(100).max(2);
        let pool = NodePool::new(NodePoolOptions { node_size, node_count }).expect(valid);
        Arrays {
            pool,
            plain,
            sorted,
            plain_model: Model::new(),
            sorted_model: Model::new(),
            stamps: 0,
            elements: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Resets both arrays and both models.
    pub(super) fn reset(&mut self) {
        let Arrays {
            pool,
            plain,
            sorted,
            plain_model,
            sorted_model,
            stamps,
            elements: _,
            words: _,
        } = self;
        plain.reset(pool);
        sorted.reset(pool);
        plain_model.clear();
        sorted_model.clear();
        *stamps = 0;
    }

    /// The number of elements that fit into one of the arrays, or fewer if the pool may run out of
    /// nodes. An insertion takes at most one node for each half of a node's capacity, and one more.
    #[inline]
    pub(super) fn room<const N: usize>(&self, array: &Array<N>) -> u32 {
        let left = array.element_count_max() - array.len();
        // The pool never runs out of nodes if it has as many as both arrays can use.
        let exact = self.plain.node_count_max() + self.sorted.as_array().node_count_max();
        if self.pool.node_count() >= exact {
            return left;
        }
        left.min(self.pool.free_count().saturating_sub(1) * (array.node_capacity() / 2))
    }

    /// The node of a cursor, and the place of the cursor in this node.
    #[inline]
    pub(super) fn spot<const N: usize>(array: &Array<N>, cursor: Cursor) -> Spot {
        let node = cursor.node;
        let nodes = array.node_count();
        let len = if node < nodes { array.node_len(node) } else { 0 };
        let capacity = array.node_capacity();
        Spot { node, nodes, within: cursor.relative_index, len, capacity }
    }

    #[inline]
    pub(super) fn made(&mut self, key: u64) -> Element {
        self.stamps += 1;
        Element { key, stamp: self.stamps }
    }

    /// Called after an insertion. Counts events of a full array. If the elements were inserted at
    /// the end, `last` is the number of the node that was the last one before the insertion. Checks
    /// that this node is full if the array has taken another node.
    pub(super) fn inserted<const N: usize>(
        array: &Array<N>,
        last: Option<u32>,
        run: &mut Run,
    ) -> Checked {
        Event::Full.count_if(array.len() == array.element_count_max(), run);
        let (nodes, most) = (array.node_count(), array.node_count_max());
        Event::NodesAtMost.count_if(nodes == most && nodes > 1, run);
        match last.filter(|last| nodes > last + 1) {
            None => Ok(()),
            Some(last) => equal("appends-fill-nodes", array.node_capacity(), array.node_len(last))
                .or("an append takes another node before the last one is full"),
        }
    }
}

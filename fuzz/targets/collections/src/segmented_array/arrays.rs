//! Two arrays, the pool that both take their nodes from, and their models.

use downbeat_lsm::collections::segmented_array::{
    Cursor, SegmentedArray, SegmentedArrayOptions, SortedSegmentedArray,
};
use downbeat_lsm::collections::{NodePool, NodePoolOptions};

use super::events::Event;
use super::states::Spot;
use super::words::Words;
use downbeat::check::equal;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::segmented_array::{Element, LIMIT, Model, NODE, Operation, POOL, SLACK};
use downbeat::run::Run;

/// A plain array of elements of `P` words, and a sorted one of `S` words.
#[derive(Debug)]
pub(super) struct Arrays<const P: usize, const S: usize> {
    pub(super) pool: NodePool,
    pub(super) plain: SegmentedArray<Words<P>>,
    pub(super) sorted: SortedSegmentedArray<Words<S>>,
    pub(super) plain_model: Model,
    pub(super) sorted_model: Model,
    /// Elements made so far: their stamps.
    pub(super) stamps: u64,
    /// The elements that are being inserted, for the model and for the array.
    pub(super) elements: Vec<Element>,
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
        let valid = "every geometry of the settings is valid";
        let plain = SegmentedArray::new(options, node_size).expect(valid);
        let sorted = SortedSegmentedArray::new(options, node_size).expect(valid);
        let all = plain.node_count_max() + sorted.as_array().node_count_max();
        // A smaller pool still has one node for each.
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

    /// Resets everything.
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

    /// How many of `count` elements are sure to fit into an array that holds `len` of at most
    /// `limit` elements, in nodes of `capacity`. The array asks for at most one node for each half
    /// of a capacity, and one more.
    #[inline]
    pub(super) fn room(&self, len: u32, limit: u32, capacity: u32) -> u32 {
        let free = self.pool.free_count();
        // A pool of as many nodes as both arrays can need never runs out: the arrays promise this.
        let exact = self.plain.node_count_max() + self.sorted.as_array().node_count_max();
        if self.pool.node_count() >= exact {
            return limit - len;
        }
        (limit - len).min(free.saturating_sub(1) * (capacity / 2))
    }

    /// The place of `cursor` in its array.
    #[inline]
    pub(super) fn spot<const N: usize>(array: &SegmentedArray<Words<N>>, cursor: Cursor) -> Spot {
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

    /// Checks that elements inserted at the end filled the last node, `last`, before the array took
    /// another node.
    pub(super) fn appended<const N: usize>(
        array: &SegmentedArray<Words<N>>,
        last: u32,
    ) -> Result<(), Divergence> {
        if array.node_count() <= last + 1 {
            return Ok(());
        }
        equal("appends-fill-nodes", array.node_capacity(), array.node_len(last))
            .or("an append takes another node before the last one is full")
    }

    pub(super) fn note_full<const N: usize>(array: &SegmentedArray<Words<N>>, run: &mut Run) {
        if array.len() == array.element_count_max() {
            Event::Full.count(run);
        }
        if array.node_count() == array.node_count_max() && array.node_count() > 1 {
            Event::NodesAtMost.count(run);
        }
    }
}

//! An array in pieces: the elements are stored in order in nodes of a pool and are found by index
//! in logarithmic time.
//!
//! ```text
//! nodes      [ a b c d . . ]  [ e f g . . . ]  [ h . . . . . ]
//! indexes      0                4                7               8    first elements, then length
//! ```
//!
//! - No node is empty, and every node except the last is at least half full.
//! - `indexes` starts with 0 and is strictly ascending. It has one entry per node, the index of the
//!   node's first element, and then the number of elements.
//! - There are at most `element_count_max` elements, and so at most `node_count_max` nodes. Only
//!   the constructor allocates.
//!
//! An insert moves the elements of one node and adjusts the indexes after it. A node without room
//! is split into two halves; the first half gets the odd element. An insert at the end of the array
//! moves nothing: it fills the last node and then appends a new node, so that elements that are
//! appended in order leave no partly filled nodes behind. A remove takes at most half a node's
//! capacity at a time. Afterwards the node that lost elements takes all elements of the next node
//! if they fit. Otherwise, if the node is less than half full, the two nodes share their elements
//! evenly.
//!
//! The array does not sort its elements; see [`SortedSegmentedArray`]. Cursors, iterators and
//! references are valid until the next insert or remove. The compiler enforces this for iterators
//! and references, but not for cursors. Clear an array before dropping it: a dropped array does not
//! return its nodes to the pool.
//!
//! Files: `options` has the sizes, `cursor` the positions, `iter` iterates, `insert` and `remove`
//! change the nodes, `inspect` reads and checks the state, `sorted` is the sorted variant.

mod cursor;
mod insert;
mod inspect;
mod iter;
mod options;
mod remove;
mod sorted;
mod statistics;

pub use cursor::Cursor;
pub use iter::Iter;
pub use options::SegmentedArrayOptions;
pub use sorted::{Sorted, SortedSegmentedArray};
pub use statistics::Statistics;

use std::marker::PhantomData;

use super::{Direction, Element, InvalidOptions, Node, NodePool};
use crate::check::verify;

/// An array in nodes of a pool; see the [module](self).
#[derive(Debug)]
pub struct SegmentedArray<T: Element> {
    element_count_max: u32,
    node_size: usize,
    node_capacity: u32,
    node_count_max: u32,
    nodes: Vec<Node>,
    indexes: Vec<u32>,
    statistics: Statistics,
    element: PhantomData<T>,
}

impl<T: Element> SegmentedArray<T> {
    /// Creates an empty array for nodes of `node_size` bytes. All memory except the nodes is
    /// allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid (see [`SegmentedArrayOptions::validate`]), if
    /// the size of a node is invalid, or if a node has room for fewer than two elements.
    pub fn new(options: SegmentedArrayOptions, node_size: usize) -> Result<Self, InvalidOptions> {
        options.validate()?;
        let SegmentedArrayOptions { element_count_max } = options;
        let node_capacity = options::node_capacity::<T>(node_size)?;
        let node_count_max = options::node_count_max(element_count_max, node_capacity);
        let mut indexes = Vec::with_capacity(node_count_max as usize + 1);
        indexes.push(0);
        Ok(Self {
            element_count_max,
            node_size,
            node_capacity,
            node_count_max,
            nodes: Vec::with_capacity(node_count_max as usize),
            indexes,
            statistics: Statistics::default(),
            element: PhantomData,
        })
    }

    /// Inserts elements so that the first of them gets this index. The elements from this index on
    /// move up.
    ///
    /// For each batch of as many elements as fit in a node, the time is proportional to the number
    /// of nodes plus the elements of one node.
    ///
    /// # Panics
    ///
    /// If the index is greater than the length, if there would be more than `element_count_max`
    /// elements, if the pool's nodes have the wrong size, or if it has too few free nodes.
    pub fn insert(&mut self, pool: &mut NodePool, index: u32, elements: &[T]) {
        let len = self.len();
        assert!(
            index <= len,
            "segmented_array: an insert must be at or before the end ({index} of {len})"
        );
        self.assert_room(elements.len());
        self.assert_pool(pool);
        let mut index = index;
        for batch in elements.chunks(self.node_capacity as usize) {
            self.insert_batch(pool, self.cursor(index), batch);
            index += batch.len() as u32;
        }
    }

    /// Removes `count` elements from this index on. The elements after them move down.
    ///
    /// For each batch of half as many elements as fit in a node, the time is proportional to the
    /// number of nodes plus the elements of one node.
    ///
    /// # Panics
    ///
    /// If there are fewer than `count` elements from this index on, or if the nodes are from
    /// another pool.
    pub fn remove(&mut self, pool: &mut NodePool, index: u32, count: u32) {
        let len = self.len();
        assert!(
            index <= len && count <= len - index,
            "segmented_array: removed elements must exist ({count} from {index} of {len})",
        );
        self.assert_pool(pool);
        let mut left = count;
        while left > 0 {
            let batch = left.min(self.node_capacity / 2);
            self.remove_batch(pool, self.cursor(index), batch);
            left -= batch;
        }
    }

    /// Replaces the element at this index.
    ///
    /// # Panics
    ///
    /// If there is no element at this index.
    #[inline]
    pub fn replace(&mut self, index: u32, element: &T) {
        let len = self.len();
        assert!(index < len, "segmented_array: a replaced element must exist ({index} of {len})");
        let Cursor { node, relative_index } = self.cursor(index);
        self.nodes[node as usize].elements_mut()[relative_index as usize] = *element;
    }

    /// Removes all elements, in time proportional to the number of nodes.
    ///
    /// # Panics
    ///
    /// If the nodes are from another pool.
    pub fn clear(&mut self, pool: &mut NodePool) {
        let node_count = self.nodes.len() as u64;
        self.statistics.nodes_cleared += node_count;
        self.statistics.nodes_released += node_count;
        for node in self.nodes.drain(..) {
            pool.release(node);
        }
        self.indexes.truncate(1);
        verify!(self.verify());
    }

    /// Removes all elements and sets the counters to 0.
    ///
    /// # Panics
    ///
    /// If the nodes are from another pool.
    pub fn reset(&mut self, pool: &mut NodePool) {
        self.clear(pool);
        self.statistics = Statistics::default();
    }

    /// Returns the element at this index, or `None` if there is none.
    #[must_use]
    #[inline]
    pub fn get(&self, index: u32) -> Option<&T> {
        if index < self.len() { self.element(self.cursor(index)) } else { None }
    }

    /// Returns the element at this cursor, or `None` at the end.
    ///
    /// # Panics
    ///
    /// If the cursor is not valid for the array in its present state.
    #[must_use]
    #[inline]
    pub fn element(&self, cursor: Cursor) -> Option<&T> {
        self.assert_cursor(cursor);
        if self.nodes.is_empty() {
            return None;
        }
        self.elements(cursor.node).get(cursor.relative_index as usize)
    }

    /// Iterates over the elements from a cursor on, starting with the element at the cursor. A
    /// descending iterator from the end starts with the last element.
    ///
    /// # Panics
    ///
    /// If the cursor is not valid for the array in its present state.
    #[must_use]
    #[inline]
    pub fn iter(&self, from: Cursor, direction: Direction) -> Iter<'_, T> {
        Iter::new(self, from, direction)
    }

    /// Returns the elements of a node.
    #[inline]
    fn elements(&self, node: u32) -> &[T] {
        &self.nodes[node as usize].elements()[..self.node_len(node) as usize]
    }

    #[inline]
    fn assert_room(&self, count: usize) {
        assert!(
            count <= (self.element_count_max - self.len()) as usize,
            "segmented_array: the array is full (element_count_max {}, length {}, {count} more)",
            self.element_count_max,
            self.len(),
        );
    }

    #[inline]
    fn assert_pool(&self, pool: &NodePool) {
        assert!(
            pool.node_size() == self.node_size,
            "segmented_array: the nodes of the pool must have the size that the array is for",
        );
    }
}

//! An array in pieces: elements in order, in nodes of a pool, found by index in logarithmic time.
//!
//! ```text
//! nodes      [ a b c d . . ]  [ e f g . . . ]  [ h . . . . . ]
//! indexes      0                4                7               8    of first elements, and the end
//! ```
//!
//! - No node is empty, and every node but the last is at least half full.
//! - `indexes` starts with 0, rises strictly, and has one entry more than there are nodes: the last
//!   is the number of elements.
//! - There are at most `element_count_max` elements, and so at most `node_count_max` nodes; nothing
//!   is allocated but by the constructor.
//!
//! An insert moves the elements of one node and adjusts the indexes after it; if there is no room,
//! the node is split in two halves, the first of which gets the odd element. At the very end nothing
//! moves: the last node is filled up and a new one follows, so that elements that come in order
//! fill their nodes. A removal takes at most half a node at a time; the node that it leaves takes
//! over the next one if both fit into one, and else, if it is below half, shares with it evenly.
//!
//! What it does not do: it keeps no order of elements; see [`SortedSegmentedArray`]. Cursors,
//! iterators and references end with the next insert or remove; the compiler sees to all but
//! cursors. An array that is dropped, and not cleared, takes its nodes along.
//!
//! Files: `options` is the sizes, `cursor` and `iter` are positions and ways through, `insert` and
//! `remove` change the nodes, `inspect` shows and checks, `sorted` keeps an order.

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
    /// An empty array for nodes of `node_size` bytes. All memory but the nodes is allocated here.
    ///
    /// # Errors
    ///
    /// If [`SegmentedArrayOptions::validate`] refuses the options, if nodes cannot have this size,
    /// or if such a node has room for fewer than two elements.
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

    /// Puts elements in so that the first of them gets this index. Those from there on move up.
    ///
    /// Takes time in proportion to the nodes and the elements of one node, for each batch of as
    /// many elements as a node holds.
    ///
    /// # Panics
    ///
    /// If the index is above the length, if there would be more than `element_count_max` elements,
    /// or if the pool has other nodes than this array was made for, or too few.
    pub fn insert(&mut self, pool: &mut NodePool, index: u32, elements: &[T]) {
        let len = self.len();
        assert!(index <= len, "segmented_array: insert at most at the end ({index} of {len})");
        self.assert_room(elements.len());
        self.assert_pool(pool);
        let mut index = index;
        for batch in elements.chunks(self.node_capacity as usize) {
            self.insert_batch(pool, self.cursor(index), batch);
            index += batch.len() as u32;
        }
    }

    /// Takes out `count` elements, the first of which has this index. Those after them move down.
    ///
    /// Takes time in proportion to the nodes and the elements of one node, for each batch of as
    /// many elements as half a node holds.
    ///
    /// # Panics
    ///
    /// If there are not as many elements from there on, or if the pool is not that of the nodes.
    pub fn remove(&mut self, pool: &mut NodePool, index: u32, count: u32) {
        let len = self.len();
        assert!(
            index <= len && count <= len - index,
            "segmented_array: remove only what is there ({count} from {index} of {len})",
        );
        self.assert_pool(pool);
        let mut left = count;
        while left > 0 {
            let batch = left.min(self.node_capacity / 2);
            self.remove_batch(pool, self.cursor(index), batch);
            left -= batch;
        }
    }

    /// Overwrites the element of this index.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    pub fn replace(&mut self, index: u32, element: &T) {
        let len = self.len();
        assert!(index < len, "segmented_array: replace only what is there ({index} of {len})");
        let Cursor { node, relative_index } = self.cursor(index);
        self.nodes[node as usize].elements_mut()[relative_index as usize] = *element;
    }

    /// Takes all elements out. Takes time in proportion to the nodes.
    ///
    /// # Panics
    ///
    /// If the pool is not that of the nodes.
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

    /// Makes the array as new: takes all elements out, and sets the counters to 0.
    ///
    /// # Panics
    ///
    /// If the pool is not that of the nodes.
    pub fn reset(&mut self, pool: &mut NodePool) {
        self.clear(pool);
        self.statistics = Statistics::default();
    }

    /// The element of this index, if there is one.
    #[must_use]
    #[inline]
    pub fn get(&self, index: u32) -> Option<&T> {
        if index < self.len() { self.element(self.cursor(index)) } else { None }
    }

    /// The element at this cursor. None one past the end.
    ///
    /// # Panics
    ///
    /// If the cursor is not one of the array as it is now.
    #[must_use]
    #[inline]
    pub fn element(&self, cursor: Cursor) -> Option<&T> {
        self.assert_cursor(cursor);
        if self.nodes.is_empty() {
            return None;
        }
        self.elements(cursor.node).get(cursor.relative_index as usize)
    }

    /// The elements from a cursor on, that of the cursor first. Descending from one past the end
    /// starts with the last element.
    ///
    /// # Panics
    ///
    /// If the cursor is not one of the array as it is now.
    #[must_use]
    #[inline]
    pub fn iter(&self, from: Cursor, direction: Direction) -> Iter<'_, T> {
        Iter::new(self, from, direction)
    }

    /// The elements of a node.
    #[inline]
    fn elements(&self, node: u32) -> &[T] {
        &self.nodes[node as usize].elements()[..self.node_len(node) as usize]
    }

    #[inline]
    fn assert_room(&self, count: usize) {
        assert!(
            count <= (self.element_count_max - self.len()) as usize,
            "segmented_array: the array is full (element_count_max {}, {} are there, {count} more)",
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

//! A segmented array whose elements are sorted by key.
//!
//! - Keys never descend from one element to the next; they may be equal.
//! - An element is inserted before all elements with an equal key.
//! - Only keys are compared. Among elements with equal keys the caller must find the right element.

use std::fmt::Debug;

use super::{Cursor, Iter, SegmentedArray, SegmentedArrayOptions};
use crate::collections::{Direction, Element, InvalidOptions, NodePool};

/// An element that has a sort key.
pub trait Sorted: Element {
    /// The sort key.
    type Key: Ord + Copy + Debug;

    /// Returns the key of this element: a function of its bytes.
    fn sort_key(&self) -> Self::Key;
}

/// A segmented array sorted by key; see the [module](super).
#[derive(Debug)]
pub struct SortedSegmentedArray<T: Sorted> {
    array: SegmentedArray<T>,
}

impl<T: Sorted> SortedSegmentedArray<T> {
    /// The same as [`SegmentedArray::new`].
    ///
    /// # Errors
    ///
    /// The same as [`SegmentedArray::new`].
    pub fn new(options: SegmentedArrayOptions, node_size: usize) -> Result<Self, InvalidOptions> {
        Ok(Self { array: SegmentedArray::new(options, node_size)? })
    }

    /// Returns the position of the first element whose key is at least this one, or the end.
    #[must_use]
    #[inline]
    pub fn search(&self, key: T::Key) -> Cursor {
        self.partition_point(|element| element.sort_key() < key)
    }

    /// Returns the position of the first element whose key is greater than this one, or the end.
    #[must_use]
    #[inline]
    pub fn search_above(&self, key: T::Key) -> Cursor {
        self.partition_point(|element| element.sort_key() <= key)
    }

    /// Inserts an element before all elements with an equal key, and returns its index.
    ///
    /// Takes time proportional to the number of nodes plus the elements of one node.
    ///
    /// # Panics
    ///
    /// If there are `element_count_max` elements already, if the pool's nodes have the wrong size,
    /// or if it has no free node and one is needed.
    #[inline]
    pub fn insert(&mut self, pool: &mut NodePool, element: &T) -> u32 {
        self.array.assert_room(1);
        self.array.assert_pool(pool);
        let cursor = self.search(element.sort_key());
        let index = self.array.index(cursor);
        self.array.insert_batch(pool, cursor, std::slice::from_ref(element));
        index
    }

    /// The same as [`SegmentedArray::remove`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::remove`].
    #[inline]
    pub fn remove(&mut self, pool: &mut NodePool, index: u32, count: u32) {
        self.array.remove(pool, index, count);
    }

    /// Replaces the element at this index by an element with the same key.
    ///
    /// # Panics
    ///
    /// If there is no element at this index, or if its key differs.
    #[inline]
    pub fn replace(&mut self, index: u32, element: &T) {
        let key = self.get(index).map(Sorted::sort_key);
        assert!(
            key.is_none_or(|key| key == element.sort_key()),
            "segmented_array: a replaced element keeps its key ({key:?}, not {:?})",
            element.sort_key(),
        );
        self.array.replace(index, element);
    }

    /// The same as [`SegmentedArray::clear`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::clear`].
    pub fn clear(&mut self, pool: &mut NodePool) {
        self.array.clear(pool);
    }

    /// The same as [`SegmentedArray::reset`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::reset`].
    pub fn reset(&mut self, pool: &mut NodePool) {
        self.array.reset(pool);
    }

    /// The same as [`SegmentedArray::get`].
    #[must_use]
    #[inline]
    pub fn get(&self, index: u32) -> Option<&T> {
        self.array.get(index)
    }

    /// The same as [`SegmentedArray::element`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::element`].
    #[must_use]
    #[inline]
    pub fn element(&self, cursor: Cursor) -> Option<&T> {
        self.array.element(cursor)
    }

    /// The same as [`SegmentedArray::cursor`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::cursor`].
    #[must_use]
    #[inline]
    pub fn cursor(&self, index: u32) -> Cursor {
        self.array.cursor(index)
    }

    /// The same as [`SegmentedArray::index`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::index`].
    #[must_use]
    #[inline]
    pub fn index(&self, cursor: Cursor) -> u32 {
        self.array.index(cursor)
    }

    /// The same as [`SegmentedArray::first_cursor`].
    #[must_use]
    #[inline]
    pub fn first_cursor(&self) -> Cursor {
        self.array.first_cursor()
    }

    /// The same as [`SegmentedArray::end_cursor`].
    #[must_use]
    #[inline]
    pub fn end_cursor(&self) -> Cursor {
        self.array.end_cursor()
    }

    /// The same as [`SegmentedArray::iter`].
    ///
    /// # Panics
    ///
    /// The same as [`SegmentedArray::iter`].
    #[must_use]
    #[inline]
    pub fn iter(&self, from: Cursor, direction: Direction) -> Iter<'_, T> {
        self.array.iter(from, direction)
    }

    /// The same as [`SegmentedArray::len`].
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.array.len()
    }

    /// The same as [`SegmentedArray::is_empty`].
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.array.is_empty()
    }

    /// Returns the underlying array, for its other methods.
    #[must_use]
    #[inline]
    pub fn as_array(&self) -> &SegmentedArray<T> {
        &self.array
    }

    /// Checks all invariants, the order included, in time proportional to the number of elements.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        self.array.verify();
        let elements = self.iter(self.first_cursor(), Direction::Ascending);
        assert!(
            elements.map(Sorted::sort_key).is_sorted(),
            "segmented_array: keys must not descend from one element to the next",
        );
    }

    /// Returns the first position at which `is_before` is false, or the end. `is_before` is true
    /// for all elements before that position and for none after it.
    #[inline]
    fn partition_point(&self, is_before: impl Fn(&T) -> bool) -> Cursor {
        let SegmentedArray { nodes, .. } = &self.array;
        // The last node whose first element is before the position, or the first node if no node
        // is. The position is in this node or at its end.
        let nodes_above = nodes.get(1..).unwrap_or_default();
        let node = nodes_above.partition_point(|node| is_before(&node.elements()[0])) as u32;
        if nodes.is_empty() {
            return self.first_cursor();
        }
        let elements = self.array.elements(node);
        let relative_index = elements.partition_point(is_before);
        if relative_index == elements.len() && node + 1 < self.array.node_count() {
            return Cursor { node: node + 1, relative_index: 0 };
        }
        Cursor { node, relative_index: relative_index as u32 }
    }
}

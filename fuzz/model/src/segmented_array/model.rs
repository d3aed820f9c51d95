//! The model of a segmented array, plain or sorted: a flat list.
//!
//! The model has no nodes. The array reports how its elements are spread over nodes, and the world
//! checks this report.

use crate::mutation::{Mutation, is_on};

/// An element: a key to sort by, and a stamp that identifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// The key. A sorted array orders its elements by their keys; a plain array ignores them.
    pub key: u64,
    /// The stamp, which is different for each element of a run.
    pub stamp: u64,
}

/// The elements, in order.
#[derive(Clone, Debug, Default)]
pub struct Model {
    elements: Vec<Element>,
}

impl Model {
    /// An empty array.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The elements.
    #[inline]
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// How many elements there are.
    ///
    /// # Panics
    ///
    /// If there are more than `u32::MAX` elements, which no array can have.
    #[inline]
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.elements.len()).expect("an array's limit is a u32")
    }

    /// Whether there are no elements.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The element at `index`, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, index: u32) -> Option<Element> {
        self.elements.get(index as usize).copied()
    }

    /// Inserts `inserted` before the element at `index`.
    pub fn insert(&mut self, index: u32, inserted: &[Element]) {
        let at = index as usize;
        self.elements.splice(at..at, inserted.iter().copied());
        if is_on(Mutation::SegmentedArrayReversesBatches) {
            self.elements[at..at + inserted.len()].reverse();
        }
    }

    /// Removes `count` elements from `index` on.
    pub fn remove(&mut self, index: u32, count: u32) {
        let taken = if is_on(Mutation::SegmentedArrayRemovesTooFew) { count - 1 } else { count };
        self.elements.drain(index as usize..(index + taken) as usize);
    }

    /// Replaces the element at `index`.
    pub fn replace(&mut self, index: u32, element: Element) {
        self.elements[index as usize] = element;
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        self.elements.clear();
    }

    /// The index of the first element of a sorted list whose key is not below `key`; the length if
    /// there is none.
    #[inline]
    #[must_use]
    pub fn search(&self, key: u64) -> u32 {
        self.elements.partition_point(|element| element.key < key) as u32
    }

    /// The index of the first element of a sorted list whose key is above `key`; the length if
    /// there is none.
    #[inline]
    #[must_use]
    pub fn search_above(&self, key: u64) -> u32 {
        if is_on(Mutation::SegmentedArraySearchesAboveTooLow) {
            return self.search(key);
        }
        self.elements.partition_point(|element| element.key <= key) as u32
    }

    /// Where an element of `key` is inserted in a sorted list: before the elements of the same key.
    #[inline]
    #[must_use]
    pub fn place(&self, key: u64) -> u32 {
        if is_on(Mutation::SegmentedArrayPutsEqualsBehind) {
            return self.search_above(key);
        }
        self.search(key)
    }
}

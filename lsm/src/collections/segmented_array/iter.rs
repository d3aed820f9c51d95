//! Iterates over the elements of a segmented array in one direction.
//!
//! - A step takes constant time in both directions.
//! - `left` is the number of remaining elements, and `index` is the index of the next element.
//!   `elements` yields the remaining elements of the node `node`. When `elements` is exhausted, the
//!   iterator moves to the next node.

use std::iter::FusedIterator;
use std::slice;

use super::{Cursor, SegmentedArray};
use crate::collections::{Direction, Element};

/// An iterator over the elements that starts at a cursor and moves in one direction.
#[derive(Clone, Debug)]
pub struct Iter<'a, T: Element> {
    array: &'a SegmentedArray<T>,
    direction: Direction,
    node: u32,
    elements: slice::Iter<'a, T>,
    index: u32,
    left: u32,
}

impl<'a, T: Element> Iter<'a, T> {
    #[inline]
    pub(super) fn new(array: &'a SegmentedArray<T>, from: Cursor, direction: Direction) -> Self {
        let (index, len) = (array.index(from), array.len());
        let Cursor { node, relative_index } = from;
        let elements = if array.is_empty() { &[] } else { array.elements(node) };
        let at = relative_index as usize;
        let (elements, index, left) = match direction {
            Direction::Ascending => (&elements[at..], index, len - index),
            Direction::Descending if index < len => (&elements[..=at], index, index + 1),
            // The cursor is at the end of the array: start with the last element.
            Direction::Descending => (elements, len.saturating_sub(1), len),
        };
        Self { array, direction, node, elements: elements.iter(), index, left }
    }

    /// Returns the position of the element that [`Iterator::next`] returns, or `None` if the
    /// iterator is exhausted.
    #[must_use]
    #[inline]
    pub fn cursor(&self) -> Option<Cursor> {
        self.index().map(|index| self.array.cursor(index))
    }

    /// Returns the index of the element that [`Iterator::next`] returns, or `None` if the iterator
    /// is exhausted.
    #[must_use]
    #[inline]
    pub fn index(&self) -> Option<u32> {
        (self.left > 0).then_some(self.index)
    }

    /// Exhausts the iterator, so that it yields no more elements.
    #[inline]
    pub fn finish(&mut self) {
        self.elements = [].iter();
        self.left = 0;
    }

    /// Moves to the next node in the iterator's direction and returns the first element there, or
    /// `None` if no elements are left.
    #[cold]
    fn next_node(&mut self) -> Option<&'a T> {
        if self.left == 0 {
            return None;
        }
        match self.direction {
            Direction::Ascending => self.node += 1,
            Direction::Descending => self.node -= 1,
        }
        self.elements = self.array.elements(self.node).iter();
        match self.direction {
            Direction::Ascending => self.elements.next(),
            Direction::Descending => self.elements.next_back(),
        }
    }
}

impl<'a, T: Element> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        let element = match self.direction {
            Direction::Ascending => self.elements.next(),
            Direction::Descending => self.elements.next_back(),
        };
        let element = element.or_else(|| self.next_node())?;
        self.left -= 1;
        // After the last element the index is meaningless and may wrap.
        self.index = match self.direction {
            Direction::Ascending => self.index.wrapping_add(1),
            Direction::Descending => self.index.wrapping_sub(1),
        };
        Some(element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl<T: Element> ExactSizeIterator for Iter<'_, T> {}

impl<T: Element> FusedIterator for Iter<'_, T> {}

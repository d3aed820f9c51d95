//! The elements of a segmented array one after the other.
//!
//! - A step costs constant time in both directions.
//! - `left` is the number of elements still to come; while it is not 0, `elements` are those of
//!   `node`, and the next one of them is at `relative_index`.
//!
//! What this does not do: it does not turn around.

use std::iter::FusedIterator;

use super::{Cursor, SegmentedArray};
use crate::collections::{Direction, Element};

/// Elements from a cursor on, in a direction.
#[derive(Clone, Debug)]
pub struct Iter<'a, T: Element> {
    array: &'a SegmentedArray<T>,
    direction: Direction,
    left: u32,
    node: u32,
    relative_index: u32,
    elements: &'a [T],
}

impl<'a, T: Element> Iter<'a, T> {
    #[inline]
    pub(super) fn new(array: &'a SegmentedArray<T>, from: Cursor, direction: Direction) -> Self {
        let index = array.index(from);
        let len = array.len();
        let mut iter = Self {
            array,
            direction,
            left: 0,
            node: from.node,
            relative_index: from.relative_index,
            elements: &[],
        };
        iter.left = match direction {
            Direction::Ascending => len - index,
            Direction::Descending if index < len => index + 1,
            Direction::Descending => {
                // One past the end: the last element comes first, and is in the same node.
                iter.relative_index = from.relative_index.saturating_sub(1);
                len
            }
        };
        if iter.left > 0 {
            iter.elements = array.elements(iter.node);
        }
        iter
    }

    /// The position of the element that [`Iterator::next`] gives. None, if it gives none.
    #[must_use]
    #[inline]
    pub fn cursor(&self) -> Option<Cursor> {
        let cursor = Cursor { node: self.node, relative_index: self.relative_index };
        (self.left > 0).then_some(cursor)
    }

    /// The index of the element that [`Iterator::next`] gives. None, if it gives none.
    #[must_use]
    #[inline]
    pub fn index(&self) -> Option<u32> {
        match self.direction {
            _ if self.left == 0 => None,
            Direction::Ascending => Some(self.array.len() - self.left),
            Direction::Descending => Some(self.left - 1),
        }
    }

    /// Ends it: nothing comes any more.
    #[inline]
    pub fn finish(&mut self) {
        self.left = 0;
    }

    /// Steps to the next element, which is in this node or in its neighbour.
    #[inline]
    fn step(&mut self) {
        match self.direction {
            Direction::Ascending => {
                self.relative_index += 1;
                if self.relative_index as usize == self.elements.len() {
                    self.node += 1;
                    self.elements = self.array.elements(self.node);
                    self.relative_index = 0;
                }
            }
            Direction::Descending => {
                if self.relative_index == 0 {
                    self.node -= 1;
                    self.elements = self.array.elements(self.node);
                    self.relative_index = self.elements.len() as u32;
                }
                self.relative_index -= 1;
            }
        }
    }
}

impl<'a, T: Element> Iterator for Iter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        if self.left == 0 {
            return None;
        }
        let element = &self.elements[self.relative_index as usize];
        self.left -= 1;
        if self.left > 0 {
            self.step();
        }
        Some(element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl<T: Element> ExactSizeIterator for Iter<'_, T> {}

impl<T: Element> FusedIterator for Iter<'_, T> {}

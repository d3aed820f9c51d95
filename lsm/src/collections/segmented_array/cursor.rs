//! Positions in a segmented array: a node and an index in the node.
//!
//! - A cursor is the position of an element or the end of the array. The end is one past the last
//!   element of the last node. For any other node, one past its last element is not a valid cursor:
//!   that position is the first element of the next node.
//! - In an empty array the only cursor is (0, 0).
//!
//! A cursor does not refer to the array. It is invalid after the array changes.

use super::SegmentedArray;
use crate::collections::Element;

/// A position in a segmented array, valid until the next insert or remove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The node in the array, counted from 0.
    pub node: u32,
    /// The element in the node, counted from 0.
    pub relative_index: u32,
}

impl<T: Element> SegmentedArray<T> {
    /// Returns the position of this index, in time logarithmic in the number of nodes.
    ///
    /// # Panics
    ///
    /// If the index is greater than the length.
    #[must_use]
    #[inline]
    pub fn cursor(&self, index: u32) -> Cursor {
        let len = self.len();
        assert!(index <= len, "segmented_array: a position is at most the end ({index} of {len})");
        // The start of each node except the first.
        let starts = self.indexes.get(1..self.nodes.len()).unwrap_or_default();
        let node = starts.partition_point(|&start| start <= index);
        Cursor { node: node as u32, relative_index: index - self.indexes[node] }
    }

    /// Returns the index of this position, in constant time.
    ///
    /// # Panics
    ///
    /// If the cursor is not valid for the array in its present state.
    #[must_use]
    #[inline]
    pub fn index(&self, cursor: Cursor) -> u32 {
        self.assert_cursor(cursor);
        self.indexes[cursor.node as usize] + cursor.relative_index
    }

    /// Returns the position of the first element, or the end if the array is empty.
    #[must_use]
    #[inline]
    pub fn first_cursor(&self) -> Cursor {
        Cursor { node: 0, relative_index: 0 }
    }

    /// Returns the end: one past the last element.
    #[must_use]
    #[inline]
    pub fn end_cursor(&self) -> Cursor {
        let node = self.node_count().saturating_sub(1);
        Cursor { node, relative_index: self.len() - self.indexes[node as usize] }
    }

    #[inline]
    pub(super) fn assert_cursor(&self, cursor: Cursor) {
        let Cursor { node, relative_index } = cursor;
        let is_element = node < self.node_count() && relative_index < self.node_len(node);
        let is_position = is_element || cursor == self.end_cursor();
        assert!(
            is_position,
            "segmented_array: a cursor ends with the next insert or remove \
             (node {node}, {relative_index})",
        );
    }
}

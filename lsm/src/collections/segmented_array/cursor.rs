//! Positions in a segmented array: by index, and by node.
//!
//! - A cursor names an element, or one past the end; the latter as one past the end of the last
//!   node. One past the end of any other node is no position: the next node's first element is.
//! - In an empty array the one cursor is zero twice.
//!
//! What this does not do: a cursor knows nothing of the array, nor that the array has changed.

use super::SegmentedArray;
use crate::collections::Element;

/// A position in a segmented array, until the next insert or remove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// Which node of the array it is, from 0.
    pub node: u32,
    /// Which element of the node it is, from 0.
    pub relative_index: u32,
}

impl<T: Element> SegmentedArray<T> {
    /// The position of this index. Takes time in proportion to the logarithm of the nodes.
    ///
    /// # Panics
    ///
    /// If the index is above the length.
    #[must_use]
    #[inline]
    pub fn cursor(&self, index: u32) -> Cursor {
        let len = self.len();
        assert!(index <= len, "segmented_array: a position is at most the end ({index} of {len})");
        // The entries but the first and the last: where each node but the first starts.
        let starts = self.indexes.get(1..self.nodes.len()).unwrap_or_default();
        let node = starts.partition_point(|&start| start <= index);
        Cursor { node: node as u32, relative_index: index - self.indexes[node] }
    }

    /// The index of this position. Takes constant time.
    ///
    /// # Panics
    ///
    /// If the cursor is not one of the array as it is now.
    #[must_use]
    #[inline]
    pub fn index(&self, cursor: Cursor) -> u32 {
        self.assert_cursor(cursor);
        self.indexes[cursor.node as usize] + cursor.relative_index
    }

    /// The position of the first element, or one past the end if there is none.
    #[must_use]
    #[inline]
    pub fn first_cursor(&self) -> Cursor {
        Cursor { node: 0, relative_index: 0 }
    }

    /// One past the end.
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

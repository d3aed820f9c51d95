//! The tables that overlap a range, and the choice of the range with the least overlap.
//!
//! - The choice depends only on the ranges. If several ranges have the least overlap, the first is
//!   chosen.

use std::fmt::Debug;
use std::ops::Deref;

use super::TableReference;
use crate::manifest::KeyRange;

/// The maximum number of tables in an [`Overlap`]: the largest growth factor of a tree.
pub const OVERLAP_MAX: usize = 16;

/// The tables of a level that overlap a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap<K> {
    /// The range, widened to contain the tables completely.
    pub range: KeyRange<K>,
    /// The tables, ascending.
    pub tables: TableReferences,
}

/// The table of one level that overlaps the fewest tables of another level, and these tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeastOverlap<K> {
    /// The table of the first level.
    pub table: TableReference,
    /// The tables of the second level. The range also contains the table of the first level.
    pub overlap: Overlap<K>,
}

/// At most [`OVERLAP_MAX`] references. Dereferences to a slice.
#[derive(Clone, Copy)]
pub struct TableReferences {
    references: [TableReference; OVERLAP_MAX],
    len: usize,
}

impl TableReferences {
    pub(in crate::manifest) fn new() -> Self {
        Self { references: [TableReference { index: 0, generation: 0 }; OVERLAP_MAX], len: 0 }
    }

    /// Appends a reference.
    ///
    /// # Panics
    ///
    /// If there are [`OVERLAP_MAX`] references already.
    pub(in crate::manifest) fn push(&mut self, reference: TableReference) {
        self.references[self.len] = reference;
        self.len += 1;
    }
}

impl Deref for TableReferences {
    type Target = [TableReference];

    #[inline]
    fn deref(&self) -> &[TableReference] {
        &self.references[..self.len]
    }
}

impl<'a> IntoIterator for &'a TableReferences {
    type Item = &'a TableReference;
    type IntoIter = std::slice::Iter<'a, TableReference>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for TableReferences {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for TableReferences {}

impl Debug for TableReferences {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// The first range that overlaps the fewest of `others`; `None` if every range overlaps more than
/// `limit`. Both inputs ascend, and the ranges of each are disjoint.
///
/// Takes time proportional to both inputs, and stops at the first range without an overlap.
pub(super) fn least<R, K: Ord + Copy>(
    ranges: impl Iterator<Item = (R, KeyRange<K>)>,
    mut others: impl Iterator<Item = KeyRange<K>>,
    limit: usize,
) -> Option<(R, KeyRange<K>)> {
    let mut other = others.next();
    // The largest key of the last range of `others` that starts at or below the end of the current
    // range. Of the ranges up to it, only this one can also overlap the next range.
    let mut reached: Option<K> = None;
    let mut best = None;
    let mut best_count = limit + 1;
    for (label, range) in ranges {
        let mut count = usize::from(reached.is_some_and(|key| range.min <= key));
        while let Some(KeyRange { max, .. }) = other.filter(|other| other.min <= range.max) {
            count += usize::from(range.min <= max);
            reached = Some(max);
            other = others.next();
        }
        if count < best_count {
            (best, best_count) = (Some((label, range)), count);
        }
        if count == 0 {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests;

//! The table with the least overlap, found by counting the tables that each table overlaps.

use super::{Level, Table};
use crate::mutation::{Mutation, is_on};

/// A table, and the tables that it overlaps in the other level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeastOverlap {
    /// The table.
    pub table: Table,
    /// How many tables of the other level it overlaps.
    pub overlap: usize,
    /// The first and the last key of the table and of those that it overlaps.
    pub range: (u64, u64),
}

impl Level {
    /// Of the tables that `snapshot` sees, the first of those that overlap the fewest tables of
    /// `other`, at most `limit`. `None` if each overlaps more than `limit`.
    #[must_use]
    pub fn least_overlap(
        &self,
        other: &Level,
        snapshot: u64,
        limit: usize,
    ) -> Option<LeastOverlap> {
        let candidates = self.visible(snapshot).map(|table| {
            let (min, max) = (table.key_min, table.key_max);
            let overlapped = other.overlapping(min, max, snapshot);
            let range = overlapped
                .clone()
                .fold((min, max), |(min, max), met| (min.min(met.key_min), max.max(met.key_max)));
            LeastOverlap { table: *table, overlap: overlapped.count(), range }
        });
        let mut candidates = candidates.filter(|candidate| candidate.overlap <= limit);
        let first = candidates.next()?;
        Some(candidates.fold(first, |least, candidate| {
            let tie = is_on(Mutation::ManifestLevelBreaksTiesUpwards)
                && candidate.overlap == least.overlap;
            if candidate.overlap < least.overlap || tie { candidate } else { least }
        }))
    }
}

//! Least overlap by definition: for each table, all tables of the other level are counted.

use super::{Level, Table};
use crate::mutation::{Mutation, is_on};

/// A table, and what it overlaps in the other level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeastOverlap {
    /// The table.
    pub table: Table,
    /// How many tables of the other level it overlaps.
    pub overlap: usize,
    /// First and last key of it and of those.
    pub range: (u64, u64),
}

impl Level {
    /// Of the tables that `snapshot` sees, the one that overlaps the fewest that it sees of `other`,
    /// `limit` at most; of several the first. `None` where each overlaps more.
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

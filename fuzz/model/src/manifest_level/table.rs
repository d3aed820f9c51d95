//! Tables as a level knows them, and which snapshots see them.

use crate::mutation::{Mutation, is_on};

/// The snapshot that sees every open table and no closed one.
pub const SNAPSHOT_LATEST: u64 = u64::MAX - 1;

/// The last snapshot of an open table.
pub const SNAPSHOT_OPEN: u64 = u64::MAX;

/// A table as a level knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its first key.
    pub key_min: u64,
    /// Its last key.
    pub key_max: u64,
    /// The checksum of its index block, which no other table has.
    pub checksum: u128,
    /// The address of its index block, which no other table has.
    pub address: u64,
    /// The first snapshot that sees it.
    pub snapshot_min: u64,
    /// The last snapshot that sees it; [`SNAPSHOT_OPEN`] while it is open.
    pub snapshot_max: u64,
    /// How many values the table has, 1 or more.
    pub value_count: u32,
}

impl Table {
    /// Whether `snapshot` sees it.
    #[inline]
    #[must_use]
    pub fn is_visible(&self, snapshot: u64) -> bool {
        self.snapshot_min <= snapshot && snapshot <= self.snapshot_max
    }

    /// Whether neither the latest snapshot nor any of `snapshots` sees it.
    #[inline]
    #[must_use]
    pub fn is_invisible(&self, snapshots: &[u64]) -> bool {
        !self.is_visible(SNAPSHOT_LATEST)
            && snapshots.iter().all(|snapshot| !self.is_visible(*snapshot))
    }

    /// Whether some snapshot sees both tables.
    #[must_use]
    pub fn is_seen_with(&self, other: &Table) -> bool {
        self.snapshot_min <= other.snapshot_max && other.snapshot_min <= self.snapshot_max
    }

    /// Whether it is open.
    #[inline]
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.snapshot_max == SNAPSHOT_OPEN
    }

    /// Whether the table overlaps the keys from `min` to `max`, both included.
    #[inline]
    #[must_use]
    pub fn overlaps(&self, min: u64, max: u64) -> bool {
        if is_on(Mutation::ManifestLevelRangesExcludeTheirStart) {
            return self.key_min <= max && self.key_max > min;
        }
        self.key_min <= max && self.key_max >= min
    }
}

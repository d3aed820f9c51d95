//! Versions of a key, for every target whose records have tombstones.

mod usage;

pub use usage::{USAGE_NAMES, Usage};

/// One version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The key.
    pub key: u64,
    /// The stamp, which is different for each version of a run.
    pub stamp: u64,
    /// Whether the version is a tombstone.
    pub removed: bool,
}

/// A number that orders keys: ascending, or descending.
#[inline]
#[must_use]
pub fn rank(key: u64, descending: bool) -> u64 {
    if descending { !key } else { key }
}

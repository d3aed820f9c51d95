//! Versions of a key and their folding, for every target whose records have tombstones.

mod fold;
mod usage;

pub use fold::{Folded, Left, fold, is_left, rank};
pub use usage::{USAGE_NAMES, Usage};

/// One version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The key.
    pub key: u64,
    /// The stamp: no two versions of a run share one.
    pub stamp: u64,
    /// Whether the version is a tombstone.
    pub removed: bool,
}

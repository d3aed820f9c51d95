//! Versions of a key, and what is left of several of them: for every target that has records with
//! tombstones.
//!
//! What it does not do: know where a version is.

mod fold;
mod usage;

pub use fold::{Folded, Left, fold, is_left, rank};
pub use usage::{USAGE_NAMES, Usage};

/// One version of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The key.
    pub key: u64,
    /// No two versions of a run share one.
    pub stamp: u64,
    /// Whether it says that there is nothing.
    pub removed: bool,
}

//! The size of a manifest level.
//!
//! A level does not reserve its nodes. It takes them from a pool that all levels share, and each of
//! its two arrays takes at most `node_count_max` nodes.

use crate::collections::{InvalidOptions, SegmentedArrayOptions};

/// The size of a manifest level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ManifestLevelOptions {
    /// The maximum number of tables, including replaced ones: 1 or more.
    pub table_count_max: u32,
}

impl ManifestLevelOptions {
    /// The largest `table_count_max`.
    pub const TABLE_COUNT_MAX: u32 = SegmentedArrayOptions::ELEMENT_COUNT_MAX;

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// If `table_count_max` is out of bounds.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        SegmentedArrayOptions::validate_count_max("table_count_max", self.table_count_max)
    }
}

//! The size of a manifest level.
//!
//! The options reserve no nodes. A level takes them from a pool that all levels share, up to the
//! `node_count_max` of its two arrays.

use crate::collections::{InvalidOptions, SegmentedArrayOptions};

/// The size of a manifest level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ManifestLevelOptions {
    /// The most tables, replaced ones included, 1 or more.
    pub table_count_max: u32,
}

impl ManifestLevelOptions {
    /// The largest `table_count_max`.
    pub const TABLE_COUNT_MAX: u32 = SegmentedArrayOptions::ELEMENT_COUNT_MAX;

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// If the size is out of bounds.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        SegmentedArrayOptions::validate_count_max("table_count_max", self.table_count_max)
    }
}

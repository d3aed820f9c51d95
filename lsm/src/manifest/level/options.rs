//! The size of a manifest level.
//!
//! What this does not do: it does not reserve nodes. A level takes them from a pool that all levels
//! share, up to the `node_count_max` of its two arrays.

use crate::collections::{InvalidOptions, SegmentedArrayOptions};

/// How much a manifest level may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ManifestLevelOptions {
    /// The most tables, replaced ones included, 1 or more.
    pub table_count_max: u32,
}

impl ManifestLevelOptions {
    /// The most that `table_count_max` may be.
    pub const TABLE_COUNT_MAX: u32 = SegmentedArrayOptions::ELEMENT_COUNT_MAX;

    /// Whether a level can be built from this.
    ///
    /// # Errors
    ///
    /// If the size is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        SegmentedArrayOptions::validate_count_max("table_count_max", self.table_count_max)
    }
}

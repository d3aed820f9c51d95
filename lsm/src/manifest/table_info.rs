//! The description of a table: what is known without reading the table.
//!
//! - It is plain bytes without padding, so that a node pool can store it.
//! - `key_min <= key_max`, and the table contains both keys.
//! - `snapshot_min <= snapshot_max`.
//!
//! The on-disk form is [`LogEntry`](crate::manifest_log::LogEntry).

use std::fmt::Debug;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{KeyRange, SNAPSHOT_LATEST, SNAPSHOT_OPEN};
use crate::block::BlockReference;
use crate::collections::{Element, Sorted};

/// A key of a table: plain bytes with an order, such as numbers and byte arrays.
pub trait TableKey: Ord + Debug + Element {}

impl<K: Ord + Debug + Element> TableKey for K {}

/// The description of a table: what is known without reading the table.
///
/// The struct is packed, so its fields are read by copying them (`{ table.key_min }`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C, packed)]
pub struct TableInfo<K> {
    /// The smallest key in the table.
    pub key_min: K,
    /// The largest key in the table.
    pub key_max: K,
    /// The checksum of the table's index block.
    pub checksum: u128,
    /// The address of the table's index block.
    pub address: u64,
    /// The first snapshot that sees the table.
    pub snapshot_min: u64,
    /// The last snapshot that sees the table; [`SNAPSHOT_OPEN`] until the table is replaced.
    pub snapshot_max: u64,
    /// The number of values in the table.
    pub value_count: u32,
}

impl<K: TableKey> TableInfo<K> {
    /// Whether this snapshot sees the table.
    #[must_use]
    #[inline]
    pub fn is_visible(&self, snapshot: u64) -> bool {
        self.snapshot_min <= snapshot && snapshot <= self.snapshot_max
    }

    /// Whether neither the latest snapshot nor any of `snapshots` sees the table. Such a table can
    /// be removed.
    #[must_use]
    #[inline]
    pub fn is_invisible(&self, snapshots: &[u64]) -> bool {
        !self.is_visible(SNAPSHOT_LATEST)
            && !snapshots.iter().any(|&snapshot| self.is_visible(snapshot))
    }

    /// The range from the smallest to the largest key of the table.
    #[must_use]
    #[inline]
    pub fn key_range(&self) -> KeyRange<K> {
        KeyRange { min: self.key_min, max: self.key_max }
    }

    /// The reference to the table's index block.
    #[must_use]
    #[inline]
    pub fn reference(&self) -> BlockReference {
        BlockReference { checksum: self.checksum, address: self.address }
    }

    /// Whether the range overlaps the key range of the table.
    #[must_use]
    #[inline]
    pub fn overlaps(&self, range: &KeyRange<K>) -> bool {
        self.key_range().overlaps(range)
    }

    /// Asserts that the fields are consistent.
    ///
    /// # Panics
    ///
    /// If they are inconsistent.
    pub(crate) fn assert_valid(&self) {
        self.key_range().assert_ordered();
        let Self { snapshot_min, snapshot_max, value_count, .. } = *self;
        assert!(value_count > 0, "table_info: a table must hold a value");
        assert!(
            snapshot_min <= snapshot_max,
            "table_info: snapshot_min must not be above snapshot_max \
             ({snapshot_min}, {snapshot_max})",
        );
        assert!(
            snapshot_min < SNAPSHOT_LATEST,
            "table_info: a table must come from a commit (snapshot_min {snapshot_min})",
        );
        assert!(
            snapshot_max == SNAPSHOT_OPEN || snapshot_max < SNAPSHOT_LATEST,
            "table_info: a replaced table must not be visible to the latest snapshot",
        );
    }
}

impl<K: TableKey> Sorted for TableInfo<K> {
    type Key = (K, u64);

    #[inline]
    fn sort_key(&self) -> (K, u64) {
        (self.key_max, self.snapshot_min)
    }
}

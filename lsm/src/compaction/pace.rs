//! The share of a half-bar's work that a beat does, and the number of blocks that the beat may
//! write.
//!
//! - The work of a beat depends on the remaining records, not on the device.
//! - The work of a half-bar is spread evenly over its beats, unless the caller asks for more or
//!   less in a beat. After more work in one beat, the later beats do less. The last beat does all
//!   remaining work.
//! - The work of all compactions together is counted in bytes, because the records of different
//!   trees have different sizes. The work of one compaction is counted in records.

use crate::table::TableLayout;

/// How much work a beat does, as a multiple of its even share. The last beat of a half-bar does all
/// remaining work, whatever its pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactionPace {
    /// The multiple. With 0 the beat leaves all work to later beats.
    pub shares: u32,
}

impl CompactionPace {
    /// The even share: the remaining work of the half-bar, divided by the remaining beats.
    pub const EVEN: Self = Self { shares: 1 };
}

/// Returns the work of a beat in bytes. `left` is the remaining work of the half-bar in bytes, and
/// `beats_left` the number of its remaining beats; both include this beat.
///
/// # Panics
///
/// If `beats_left` is 0.
#[must_use]
pub(crate) fn bytes_of_beat(left: u64, beats_left: u64, pace: CompactionPace) -> u64 {
    if beats_left == 1 {
        return left;
    }
    left.div_ceil(beats_left).saturating_mul(u64::from(pace.shares)).min(left)
}

/// The maximum number of blocks that all compactions of a beat may write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlocksOfBeat {
    values: u64,
    indexes: u64,
}

impl BlocksOfBeat {
    /// Starts with the value block and the index block that the previous beat may have left half
    /// built.
    pub(crate) fn new() -> Self {
        Self { values: 1, indexes: 1 }
    }

    /// Adds a compaction that has `quota` records of work in the beat.
    pub(crate) fn add(&mut self, quota: u64, layout: &TableLayout) {
        // A beat ends between two merge steps, so it may write one more block than the records
        // fill.
        let values = quota.div_ceil(u64::from(layout.block_value_count_max())) + 1;
        self.values += values;
        self.indexes += values.div_ceil(u64::from(layout.value_block_count_max()));
    }

    pub(crate) fn total(self) -> u64 {
        self.values + self.indexes
    }
}

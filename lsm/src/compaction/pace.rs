//! How much of a half's work is done at which beat, and how many blocks that may take.
//!
//! - Pure. What a beat does depends on the values that are left, never on how far the device is.
//! - The work of a half is spread evenly over its beats, unless the caller wants more or less of a beat. What a beat
//!   does too much, the next ones do less; the last beat does all that is left.
//! - Work is counted in bytes for all compactions together, and in values for one: trees have values of several
//!   sizes.
//!
//! What this does not do: it does no work.

use crate::table::TableLayout;

/// How much of the work of a half a beat is to do: so many times what is due, or less if less is left.
///
/// With 0, it does nothing, and leaves it to the beats to come; the last beat of a half does all that is left,
/// whatever it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactionPace {
    /// How many times what is due.
    pub shares: u32,
}

impl CompactionPace {
    /// What is due: the rest of the half, spread evenly over its beats.
    pub const EVEN: Self = Self { shares: 1 };
}

/// The bytes that a beat must work off, of `left` in the half, when it and the later ones of the half are
/// `beats_left`.
///
/// # Panics
///
/// If no beat is left.
#[must_use]
pub(crate) fn bytes_of_beat(left: u64, beats_left: u64, pace: CompactionPace) -> u64 {
    if beats_left == 1 {
        return left;
    }
    left.div_ceil(beats_left).saturating_mul(u64::from(pace.shares)).min(left)
}

/// The blocks that all compactions of a beat may write, at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlocksOfBeat {
    values: u64,
    indexes: u64,
}

impl BlocksOfBeat {
    /// For what is half built, and carried over from the beat before.
    pub(crate) fn new() -> Self {
        Self { values: 1, indexes: 1 }
    }

    /// Adds a compaction that has `quota` values to work off in the beat.
    pub(crate) fn add(&mut self, quota: u64, layout: &TableLayout) {
        // Work is cut between merges of a block, so that one more may be written than the values fill.
        let values = quota.div_ceil(u64::from(layout.block_value_count_max())) + 1;
        self.values += values;
        self.indexes += values.div_ceil(u64::from(layout.value_block_count_max()));
    }

    pub(crate) fn total(self) -> u64 {
        self.values + self.indexes
    }
}

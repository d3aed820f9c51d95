//! The sizes of the tables in memory.
//!
//! - Each limit has a reason; [`InvalidMemoryTable`] gives it.
//! - The two tables of a tree, and what goes through them, are built from the same options.
//!
//! What this does not do: it does not relate the values of a table to those of a beat.

use std::error::Error;
use std::fmt;

/// How much a table in memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryTableOptions {
    /// The most values, from 1 to [`MemoryTableOptions::VALUE_COUNT_MAX`]. Versions of a key count each.
    pub value_count_max: u32,
    /// The beats of a bar, from 1 to [`MemoryTableOptions::BEATS_MAX`].
    pub beats_per_bar: u32,
}

/// Sizes that a table in memory cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidMemoryTable {
    /// No values, or too many.
    ValueCountMax {
        /// The values asked for.
        value_count_max: u32,
    },
    /// No beats, or too many.
    BeatsPerBar {
        /// The beats asked for.
        beats_per_bar: u32,
    },
}

impl Error for InvalidMemoryTable {}

impl fmt::Display for InvalidMemoryTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValueCountMax { value_count_max } => write!(
                formatter,
                "value_count_max is {value_count_max}, but memory for as many records is taken at once: \
                 set it to a number from 1 to {}",
                MemoryTableOptions::VALUE_COUNT_MAX,
            ),
            Self::BeatsPerBar { beats_per_bar } => write!(
                formatter,
                "beats_per_bar is {beats_per_bar}, but each beat may leave a run that lookups search: set \
                 it to a number from 1 to {}",
                MemoryTableOptions::BEATS_MAX,
            ),
        }
    }
}

impl MemoryTableOptions {
    /// The most values.
    pub const VALUE_COUNT_MAX: u32 = 1 << 28;
    /// The most beats of a bar.
    pub const BEATS_MAX: u32 = 1 << 12;

    /// Whether a table can be built from this.
    ///
    /// # Errors
    ///
    /// The first size that is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidMemoryTable> {
        let Self { value_count_max, beats_per_bar } = *self;
        if !(1..=Self::VALUE_COUNT_MAX).contains(&value_count_max) {
            return Err(InvalidMemoryTable::ValueCountMax { value_count_max });
        }
        if !(1..=Self::BEATS_MAX).contains(&beats_per_bar) {
            return Err(InvalidMemoryTable::BeatsPerBar { beats_per_bar });
        }
        Ok(())
    }

    /// The most runs of a table: one a beat, and the one that an immutable table is made before it absorbs.
    #[must_use]
    pub fn run_count_max(&self) -> u32 {
        self.beats_per_bar + 1
    }

    /// The most pieces of a tail; see `order`.
    pub(super) fn piece_count_max(&self) -> u32 {
        super::order::piece_count_max(self.value_count_max)
    }

    /// The most sorted streams that a table can be.
    pub(super) fn slice_count_max(&self) -> usize {
        (self.run_count_max() + self.piece_count_max()) as usize
    }
}

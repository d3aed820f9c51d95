//! The sizes of the memtables.
//!
//! - The messages of [`InvalidMemoryTable`] give the reason for each limit.
//! - The two tables of a tree, their scans and their cursors are built from the same options.

use std::error::Error;
use std::fmt;

/// The sizes of a memtable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryTableOptions {
    /// The maximum number of values, from 1 to [`MemoryTableOptions::VALUE_COUNT_MAX`]. Each
    /// version of a key counts.
    pub value_count_max: u32,
    /// The number of beats in a bar, from 1 to [`MemoryTableOptions::BEATS_MAX`].
    pub beats_per_bar: u32,
}

/// The reason why the sizes of a memtable are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidMemoryTable {
    /// The number of values is out of bounds.
    ValueCountMax {
        /// The given number of values.
        value_count_max: u32,
    },
    /// The number of beats is out of bounds.
    BeatsPerBar {
        /// The given number of beats.
        beats_per_bar: u32,
    },
}

impl Error for InvalidMemoryTable {}

impl fmt::Display for InvalidMemoryTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValueCountMax { value_count_max } => write!(
                formatter,
                "value_count_max is {value_count_max}, but memory for that many values is \
                 allocated at once: set it to a number from 1 to {}",
                MemoryTableOptions::VALUE_COUNT_MAX,
            ),
            Self::BeatsPerBar { beats_per_bar } => write!(
                formatter,
                "beats_per_bar is {beats_per_bar}, but each beat may add a run that lookups \
                 search: set it to a number from 1 to {}",
                MemoryTableOptions::BEATS_MAX,
            ),
        }
    }
}

impl MemoryTableOptions {
    /// The largest `value_count_max`.
    pub const VALUE_COUNT_MAX: u32 = 1 << 28;
    /// The largest `beats_per_bar`.
    pub const BEATS_MAX: u32 = 1 << 12;

    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// Returns the first size that is out of bounds.
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

    /// The maximum number of runs of a table: one for each beat of a bar, and one into which an
    /// immutable table merges its own runs before it absorbs a mutable table.
    #[must_use]
    pub fn run_count_max(&self) -> u32 {
        self.beats_per_bar + 1
    }

    /// The maximum number of pieces of a tail; see `order`.
    pub(super) fn piece_count_max(&self) -> u32 {
        super::order::piece_count_max(self.value_count_max)
    }

    /// The maximum number of runs and pieces of a table.
    pub(super) fn slice_count_max(&self) -> usize {
        (self.run_count_max() + self.piece_count_max()) as usize
    }
}

//! The sizes of a tree.
//!
//! - `read_ahead` may change from one opening of the store to the next. The name and all other
//!   sizes must stay the same.

use std::error::Error;
use std::fmt;

use crate::collections::InvalidOptions;
use crate::compaction::BEATS_PER_BAR;
use crate::manifest::{GROWTH_FACTORS, LEVELS};
use crate::record::Record;
use crate::table::memory::{InvalidMemoryTable, MemoryTableOptions};
use crate::table::{InvalidTable, TableLayout, TableOptions};

/// The sizes of a tree, and how it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TreeOptions {
    /// The number of the tree in its store, from 1.
    pub id: u16,
    /// The name of the tree. A store does not open with another name.
    pub name: &'static str,
    /// The maximum number of records that are put or removed between two beats, from 1 to 1048576.
    /// A memtable has room for this number of records in each beat of a bar, so the product with
    /// `beats_per_bar` is at most [`MemoryTableOptions::VALUE_COUNT_MAX`].
    pub beat_value_count_max: u32,
    /// The beats of a bar: an even number from 4 to 1024.
    pub beats_per_bar: u32,
    /// The factor by which a level may have more tables than the level above it, from 2 to 16.
    pub growth_factor: u32,
    /// The number of levels, from 2 to 8.
    pub level_count: u32,
    /// The number of value blocks that a compaction reads ahead from each of its two inputs, from 1
    /// to 1024.
    pub read_ahead: u32,
}

/// The reason why the sizes of a tree are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTree {
    /// A number is outside its limits.
    OutOfLimits {
        /// The name of the option.
        option: &'static str,
        /// The number.
        number: u32,
        /// The smallest valid number.
        min: u32,
        /// The largest valid number.
        max: u32,
    },
    /// The number of beats in a bar is odd.
    OddBar {
        /// The beats of a bar.
        beats_per_bar: u32,
    },
    /// The sizes of the memtables are invalid.
    Memory(InvalidMemoryTable),
    /// The sizes of the tables on disk are invalid.
    Table(InvalidTable),
    /// The levels do not fit in nodes of this size.
    Manifest(InvalidOptions),
}

impl Error for InvalidTree {}

impl fmt::Display for InvalidTree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfLimits { option, number, min, max } => {
                write!(formatter, "{option} is {number}: set it to a number from {min} to {max}")
            }
            Self::OddBar { beats_per_bar } => write!(
                formatter,
                "beats_per_bar is {beats_per_bar}, but a bar has two halves: set it to an even number"
            ),
            Self::Memory(error) => error.fmt(formatter),
            Self::Table(error) => error.fmt(formatter),
            Self::Manifest(error) => error.fmt(formatter),
        }
    }
}

impl TreeOptions {
    /// The largest `beat_value_count_max`.
    const BEAT_VALUES_MAX: u32 = 1 << 20;
    /// The largest `read_ahead`.
    const READ_AHEAD_MAX: u32 = 1 << 10;

    /// A tree for production: seven levels, and up to 2048 records of each beat.
    #[must_use]
    pub fn production(id: u16, name: &'static str) -> Self {
        Self {
            id,
            name,
            beat_value_count_max: 2048,
            beats_per_bar: 32,
            growth_factor: 8,
            level_count: 7,
            read_ahead: 4,
        }
    }

    /// A tree for tests and fuzzing, in which compactions and moves of tables happen within tens of
    /// operations.
    #[must_use]
    pub fn tiny(id: u16, name: &'static str) -> Self {
        Self {
            id,
            name,
            beat_value_count_max: 2,
            beats_per_bar: 4,
            growth_factor: 2,
            level_count: 4,
            read_ahead: 1,
        }
    }

    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// Returns the first size that is invalid.
    pub fn validate(&self) -> Result<(), InvalidTree> {
        let Self {
            id,
            name: _,
            beat_value_count_max,
            beats_per_bar,
            growth_factor,
            level_count,
            read_ahead,
        } = *self;
        let (beats_min, beats_max) = BEATS_PER_BAR.into_inner();
        for (option, number, min, max) in [
            ("id", u32::from(id), 1, u32::from(u16::MAX)),
            ("beat_value_count_max", beat_value_count_max, 1, Self::BEAT_VALUES_MAX),
            ("beats_per_bar", beats_per_bar, beats_min as u32, beats_max as u32),
            ("growth_factor", growth_factor, *GROWTH_FACTORS.start(), *GROWTH_FACTORS.end()),
            ("level_count", level_count, *LEVELS.start(), *LEVELS.end()),
            ("read_ahead", read_ahead, 1, Self::READ_AHEAD_MAX),
        ] {
            if !(min..=max).contains(&number) {
                return Err(InvalidTree::OutOfLimits { option, number, min, max });
            }
        }
        if !beats_per_bar.is_multiple_of(2) {
            return Err(InvalidTree::OddBar { beats_per_bar });
        }
        self.memory().validate().map_err(InvalidTree::Memory)
    }

    /// The maximum number of records of a memtable: those of a bar. It is an even number.
    #[must_use]
    pub fn value_count_max(&self) -> u32 {
        self.beat_value_count_max * self.beats_per_bar
    }

    /// The options of the memtables.
    pub(crate) fn memory(&self) -> MemoryTableOptions {
        MemoryTableOptions {
            value_count_max: self.value_count_max(),
            beats_per_bar: self.beats_per_bar,
        }
    }

    /// The layout of the tables on disk, in blocks of `block_size` bytes.
    pub(crate) fn table<R: Record>(&self, block_size: usize) -> Result<TableLayout, InvalidTree> {
        TableLayout::new(TableOptions::of::<R>(block_size, self.value_count_max()))
            .map_err(InvalidTree::Table)
    }
}

//! The sizes of a grid in memory.
//!
//! - They change no byte on the device.
//!
//! What this does not do: what lies where on the device is the layout's.

use std::error::Error;
use std::fmt;

use super::free_set::InvalidFreeSet;
use crate::collections::{CacheOptions, InvalidOptions};

/// How much of a grid is in memory, and how much it does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GridOptions {
    /// The blocks that are kept.
    pub cache: CacheOptions,
    /// The blocks for those who write, and for handles of blocks that are in the cache no more; 1 or more.
    pub private_blocks: u32,
    /// The most reads of the device at once, 1 or more. Others wait.
    pub reads_in_flight_max: u32,
    /// The most writes of the device at once, 1 or more. Others wait.
    pub writes_in_flight_max: u32,
    /// The most reservations at once, 1 or more.
    pub reservation_count_max: u32,
}

/// Sizes that a grid cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidGrid {
    /// The cache cannot be.
    Cache(InvalidOptions),
    /// The free set cannot be.
    FreeSet(InvalidFreeSet),
    /// A number that must be 1 or more is 0.
    Zero {
        /// The name of the option.
        option: &'static str,
    },
}

impl Error for InvalidGrid {}

impl fmt::Display for InvalidGrid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache(error) => error.fmt(formatter),
            Self::FreeSet(error) => error.fmt(formatter),
            Self::Zero { option } => {
                write!(
                    formatter,
                    "{option} is 0, so that nothing could be done: set it to 1 or more"
                )
            }
        }
    }
}

impl GridOptions {
    /// Whether a grid can be built from this.
    ///
    /// # Errors
    ///
    /// The first size that is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidGrid> {
        let Self {
            cache,
            private_blocks,
            reads_in_flight_max,
            writes_in_flight_max,
            reservation_count_max,
        } = *self;
        cache.validate().map_err(InvalidGrid::Cache)?;
        for (option, number) in [
            ("private_blocks", private_blocks),
            ("reads_in_flight_max", reads_in_flight_max),
            ("writes_in_flight_max", writes_in_flight_max),
            ("reservation_count_max", reservation_count_max),
        ] {
            if number == 0 {
                return Err(InvalidGrid::Zero { option });
            }
        }
        Ok(())
    }
}

//! The sizes of a grid's parts in memory.
//!
//! - These sizes do not affect the bytes on the device. The sizes on the device are in the
//!   [`Layout`].

use std::error::Error;
use std::fmt;

use super::free_set::{FreeSetOptions, InvalidFreeSet};
use super::trailer::TrailerLimits;
use crate::collections::{CacheOptions, InvalidOptions};
use crate::storage::Layout;

/// The sizes of a grid's parts in memory, and its limits of concurrency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GridOptions {
    /// The shape of the cache of blocks.
    pub cache: CacheOptions,
    /// The number of blocks for writers and for handles of blocks that are not in the cache; 1 or
    /// more.
    pub private_blocks: u32,
    /// The maximum number of concurrent reads of the device, 1 or more. Other reads wait.
    pub reads_in_flight_max: u32,
    /// The maximum number of concurrent writes of the device, 1 or more. As many writes may wait,
    /// or more if the blocks of a free set are more ([`GridOptions::pending_writes_max`]).
    pub writes_in_flight_max: u32,
    /// The maximum number of open reservations, 1 or more.
    pub reservation_count_max: u32,
    /// Whether [`Grid::give_back`](super::Grid::give_back) gives space back.
    pub discard: bool,
}

/// The option that is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidGrid {
    /// The options of the cache are invalid.
    Cache(InvalidOptions),
    /// The options of the free set are invalid.
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
                    "{option} is 0, so the grid makes no progress: set it to 1 or more"
                )
            }
        }
    }
}

impl GridOptions {
    /// The number of blocks in memory: those of the cache, of reads under way and of the encoded
    /// free sets, and the private ones.
    #[must_use]
    pub fn buffer_count(&self, layout: &Layout) -> u64 {
        self.cache.slot_count() as u64
            + u64::from(self.reads_in_flight_max)
            + u64::from(self.private_blocks)
            + self.free_set_blocks_max(layout)
    }

    /// The maximum number of writes that have not completed: twice `writes_in_flight_max`, or the
    /// blocks of the encoded free sets of a checkpoint if these are more.
    #[must_use]
    pub fn pending_writes_max(&self, layout: &Layout) -> u64 {
        (2 * u64::from(self.writes_in_flight_max)).max(self.free_set_blocks_max(layout))
    }

    /// The maximum number of blocks of a checkpoint's free set: two trailers, which are written at
    /// the same time.
    #[must_use]
    pub fn free_set_blocks_max(&self, layout: &Layout) -> u64 {
        2 * TrailerLimits::new(layout, &self.free_set(layout)).blocks_max() as u64
    }

    /// The options of the free set of a device with this layout.
    pub(super) fn free_set(&self, layout: &Layout) -> FreeSetOptions {
        FreeSetOptions {
            block_count: layout.block_count(),
            shard_size: FreeSetOptions::SHARD_SIZE,
            reservation_count_max: self.reservation_count_max,
        }
    }

    /// Checks the options against their limits.
    ///
    /// # Errors
    ///
    /// Returns an error for the first option that is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidGrid> {
        let Self {
            cache,
            private_blocks,
            reads_in_flight_max,
            writes_in_flight_max,
            reservation_count_max,
            discard: _,
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

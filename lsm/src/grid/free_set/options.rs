//! The sizes of a free set.
//!
//! - [`InvalidFreeSet`] gives the reason for each limit.

use std::error::Error;
use std::fmt;

use super::codec;

/// The sizes of a free set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FreeSetOptions {
    /// The number of blocks, from 1 to [`FreeSetOptions::BLOCK_COUNT_MAX`], inclusive. Addresses
    /// are from 1 to this number, inclusive.
    pub block_count: u64,
    /// The number of blocks in a shard: a power of two from [`FreeSetOptions::SHARD_SIZE_MIN`] to
    /// [`FreeSetOptions::SHARD_SIZE_MAX`], inclusive. A search skips full shards. The size affects
    /// only the speed.
    pub shard_size: u32,
    /// The maximum number of open reservations, 1 or more.
    pub reservation_count_max: u32,
}

/// The size that is outside its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidFreeSet {
    /// There are no blocks, or too many.
    BlockCount {
        /// The requested number of blocks.
        block_count: u64,
    },
    /// The size of a shard is invalid.
    ShardSize {
        /// The requested number of blocks in a shard.
        shard_size: u32,
    },
    /// The limit of reservations is 0.
    ReservationCountMaxZero,
}

impl Error for InvalidFreeSet {}

impl fmt::Display for InvalidFreeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockCount { block_count } => write!(
                formatter,
                "block_count is {block_count}, but the free set has three bits per block in memory: set \
                 it to a number from 1 to {}",
                FreeSetOptions::BLOCK_COUNT_MAX,
            ),
            Self::ShardSize { shard_size } => write!(
                formatter,
                "shard_size is {shard_size}, but shards are whole words that are searched at once: set it \
                 to a power of two from {} to {}",
                FreeSetOptions::SHARD_SIZE_MIN,
                FreeSetOptions::SHARD_SIZE_MAX,
            ),
            Self::ReservationCountMaxZero => formatter.write_str(
                "reservation_count_max is 0, but blocks are acquired only from reservations: set it to \
                 the number of jobs that allocate at the same time, at least 1",
            ),
        }
    }
}

impl FreeSetOptions {
    /// The maximum number of blocks.
    pub const BLOCK_COUNT_MAX: u64 = 1 << 31;
    /// The minimum number of blocks in a shard: as many as a word has bits.
    pub const SHARD_SIZE_MIN: u32 = u64::BITS;
    /// The maximum number of blocks in a shard.
    pub const SHARD_SIZE_MAX: u32 = 1 << 16;
    /// A number of blocks in a shard that is suitable for every store.
    pub const SHARD_SIZE: u32 = 1 << 12;

    /// Checks the sizes against their limits.
    ///
    /// # Errors
    ///
    /// Returns an error for the first size that is outside of its limits.
    pub fn validate(&self) -> Result<(), InvalidFreeSet> {
        let Self { block_count, shard_size, reservation_count_max } = *self;
        if !(1..=Self::BLOCK_COUNT_MAX).contains(&block_count) {
            return Err(InvalidFreeSet::BlockCount { block_count });
        }
        let sizes = Self::SHARD_SIZE_MIN..=Self::SHARD_SIZE_MAX;
        if !shard_size.is_power_of_two() || !sizes.contains(&shard_size) {
            return Err(InvalidFreeSet::ShardSize { shard_size });
        }
        if reservation_count_max == 0 {
            return Err(InvalidFreeSet::ReservationCountMaxZero);
        }
        Ok(())
    }

    /// Returns the maximum size in bytes of either encoded set.
    #[must_use]
    pub fn encoded_size_max(&self) -> usize {
        codec::encoded_size_max(self.word_count())
    }

    /// Returns the number of words of a set that has one bit per block.
    pub(super) fn word_count(&self) -> usize {
        self.block_count.div_ceil(u64::from(u64::BITS)) as usize
    }
}

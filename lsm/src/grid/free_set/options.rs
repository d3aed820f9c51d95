//! The sizes of a free set.
//!
//! - Each limit has a reason; [`InvalidFreeSet`] gives it.
//!
//! What this does not do: it does not know what a block is, nor how many fit on a device.

use std::error::Error;
use std::fmt;

use super::codec;

/// How many blocks a free set knows, and how it looks for the free ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FreeSetOptions {
    /// The blocks, from 1 to [`FreeSetOptions::BLOCK_COUNT_MAX`]. Addresses are from 1 to this.
    pub block_count: u64,
    /// The blocks of a shard, which a search skips when it is full: a power of two, from
    /// [`FreeSetOptions::SHARD_SIZE_MIN`] to [`FreeSetOptions::SHARD_SIZE_MAX`]. It changes no answer.
    pub shard_size: u32,
    /// The most reservations at once, 1 or more.
    pub reservation_count_max: u32,
}

/// Sizes that a free set cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidFreeSet {
    /// No blocks, or too many.
    BlockCount {
        /// The blocks asked for.
        block_count: u64,
    },
    /// Shards of a size that is not allowed.
    ShardSize {
        /// The blocks of a shard asked for.
        shard_size: u32,
    },
    /// No reservation may be made.
    ReservationCountMaxZero,
}

impl Error for InvalidFreeSet {}

impl fmt::Display for InvalidFreeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockCount { block_count } => write!(
                formatter,
                "block_count is {block_count}, but the free set holds three bits a block in memory: set \
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
                "reservation_count_max is 0, but blocks are acquired from reservations alone: set it to \
                 the jobs that allocate at once, at least 1",
            ),
        }
    }
}

impl FreeSetOptions {
    /// The most blocks.
    pub const BLOCK_COUNT_MAX: u64 = 1 << 31;
    /// The fewest blocks of a shard: a word.
    pub const SHARD_SIZE_MIN: u32 = u64::BITS;
    /// The most blocks of a shard.
    pub const SHARD_SIZE_MAX: u32 = 1 << 16;
    /// Blocks of a shard that do for any store.
    pub const SHARD_SIZE: u32 = 1 << 12;

    /// Whether a free set can be built from this.
    ///
    /// # Errors
    ///
    /// The first size that is outside of its limits.
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

    /// The most bytes that either encoded set can take, whatever it holds.
    #[must_use]
    pub fn encoded_size_max(&self) -> usize {
        codec::encoded_size_max(self.word_count())
    }

    /// The words that have a bit for each block.
    pub(super) fn word_count(&self) -> usize {
        self.block_count.div_ceil(u64::from(u64::BITS)) as usize
    }
}

//! The sizes of a manifest log.
//!
//! - They decide when blocks are compacted, and so affect the bytes on the device. A log can be
//!   opened with other sizes than it was written with, if it is within the new limits.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

use super::LogPace;
use super::block::entries_per_block;
use super::entry::{LOG_ENTRY_SIZE, LOG_LEVEL_COUNT_MAX};
use crate::block::BODY_OFFSET;

/// The limits of a manifest log, and how fast it drops outdated entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ManifestLogOptions {
    /// The number of trees, 1 or more.
    pub tree_count: u16,
    /// The largest number of a tree: `tree_count` or more. The smallest number is 1.
    pub tree_id_max: u16,
    /// The number of levels of a tree, from 1 to [`LOG_LEVEL_COUNT_MAX`].
    pub level_count: u8,
    /// How many times more tables a level may have than the level above it, from 1 to
    /// [`ManifestLogOptions::GROWTH_FACTOR_MAX`]. A compaction reads one table, and at most this
    /// many tables of the next level.
    pub growth_factor: u32,
    /// The maximum number of tables of all trees together, 1 or more.
    pub table_count_max: u32,
    /// How many more blocks a half-bar may compact than trees may fill, from 1 to
    /// [`ManifestLogOptions::COMPACT_EXTRA_BLOCKS_MAX`]. A larger number makes the log shorter.
    pub compact_extra_blocks: u32,
}

/// The reason why the sizes of a manifest log are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidManifestLog {
    /// A number is out of bounds.
    OutOfLimits {
        /// The name of the option.
        option: &'static str,
        /// The given number.
        number: u32,
        /// The smallest valid number.
        min: u32,
        /// The largest valid number.
        max: u32,
    },
    /// A block is too small for an entry.
    BlockTooSmall {
        /// The size of a block in bytes.
        block_size: usize,
        /// The smallest block size that an entry fits into.
        block_size_min: usize,
    },
    /// Blocks are not compacted fast enough to bound the log.
    TooSlow {
        /// The maximum number of blocks that trees fill in a half-bar.
        append_blocks: u64,
        /// How many more blocks are compacted.
        compact_extra_blocks: u32,
    },
}

impl Error for InvalidManifestLog {}

impl fmt::Display for InvalidManifestLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfLimits { option, number, min, max } => {
                write!(formatter, "{option} is {number}: set it to a number from {min} to {max}")
            }
            Self::BlockTooSmall { block_size, block_size_min } => write!(
                formatter,
                "block_size is {block_size}, but an entry of the manifest log must fit: set it to \
                 {block_size_min} or more",
            ),
            Self::TooSlow { append_blocks, compact_extra_blocks } => write!(
                formatter,
                "compact_extra_blocks is {compact_extra_blocks}, but up to {append_blocks} blocks of \
                 the manifest log are filled in a half-bar, so the log would grow too long: raise it",
            ),
        }
    }
}

impl ManifestLogOptions {
    /// The largest `growth_factor`.
    pub const GROWTH_FACTOR_MAX: u32 = 256;
    /// The largest `compact_extra_blocks`.
    pub const COMPACT_EXTRA_BLOCKS_MAX: u32 = 1 << 16;

    /// Checks that each size is within its bounds.
    ///
    /// # Errors
    ///
    /// The first size that is out of its bounds.
    pub fn validate(&self) -> Result<(), InvalidManifestLog> {
        let Self {
            tree_count,
            tree_id_max,
            level_count,
            growth_factor,
            table_count_max,
            compact_extra_blocks,
        } = *self;
        let limits: [(&'static str, u32, RangeInclusive<u32>); 6] = [
            ("tree_count", tree_count.into(), 1..=u16::MAX.into()),
            ("tree_id_max", tree_id_max.into(), tree_count.into()..=u16::MAX.into()),
            ("level_count", level_count.into(), 1..=LOG_LEVEL_COUNT_MAX.into()),
            ("growth_factor", growth_factor, 1..=Self::GROWTH_FACTOR_MAX),
            ("table_count_max", table_count_max, 1..=u32::MAX),
            ("compact_extra_blocks", compact_extra_blocks, 1..=Self::COMPACT_EXTRA_BLOCKS_MAX),
        ];
        for (option, number, limit) in limits {
            if !limit.contains(&number) {
                let (min, max) = limit.into_inner();
                return Err(InvalidManifestLog::OutOfLimits { option, number, min, max });
            }
        }
        Ok(())
    }

    /// Checks the options, and computes the pace of a log in blocks of this size.
    ///
    /// # Errors
    ///
    /// If [`ManifestLogOptions::validate`] refuses the options, if a block is too small for an
    /// entry, or if compaction would be too slow.
    pub fn pace(&self, block_size: usize) -> Result<LogPace, InvalidManifestLog> {
        let entries_per_block = entries_per_block(block_size);
        if entries_per_block == 0 {
            let block_size_min = BODY_OFFSET + LOG_ENTRY_SIZE;
            return Err(InvalidManifestLog::BlockTooSmall { block_size, block_size_min });
        }
        LogPace::new(self, entries_per_block as u64)
    }
}

//! The sizes of a manifest log.
//!
//! - They decide when blocks are compacted, and so which bytes are on the device. Opened with others, a log is
//!   as it was, as long as it fits.
//!
//! What this does not do: it does not know how many blocks there are.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

use super::entry::LOG_LEVEL_COUNT_MAX;

/// How many events of tables a log must bear, and how soon it forgets what is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ManifestLogOptions {
    /// The trees, 1 or more.
    pub tree_count: u16,
    /// The largest number of a tree: as many as there are trees, or more. The smallest is 1.
    pub tree_id_max: u16,
    /// The levels of a tree, from 1 to [`LOG_LEVEL_COUNT_MAX`].
    pub level_count: u8,
    /// How many more tables a level has than the one above, from 1 to
    /// [`ManifestLogOptions::GROWTH_FACTOR_MAX`]: a compaction takes one table, and this many at most of the
    /// next level.
    pub growth_factor: u32,
    /// The most tables of all trees together, 1 or more.
    pub table_count_max: u32,
    /// How many more blocks are compacted in a half-bar at most than are filled by trees, from 1 to
    /// [`ManifestLogOptions::COMPACT_EXTRA_BLOCKS_MAX`]. The more, the shorter is the log.
    pub compact_extra_blocks: u32,
}

/// Sizes that a manifest log cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidManifestLog {
    /// A number beyond its limits.
    OutOfLimits {
        /// The name of the option.
        option: &'static str,
        /// The number asked for.
        number: u32,
        /// The least that is allowed.
        min: u32,
        /// The most that is allowed.
        max: u32,
    },
    /// Blocks without room for an entry.
    BlockTooSmall {
        /// The bytes of a block.
        block_size: usize,
        /// The least that has room.
        block_size_min: usize,
    },
    /// Blocks are compacted hardly faster than they are filled.
    TooSlow {
        /// The blocks that trees fill in a half-bar at most.
        append_blocks: u64,
        /// How many more are compacted.
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
                 the manifest log are filled in a half-bar, so that it would grow too long: raise it",
            ),
        }
    }
}

impl ManifestLogOptions {
    /// The most that `growth_factor` may be.
    pub const GROWTH_FACTOR_MAX: u32 = 256;
    /// The most that `compact_extra_blocks` may be.
    pub const COMPACT_EXTRA_BLOCKS_MAX: u32 = 1 << 16;

    /// Whether each size is within its limits.
    ///
    /// # Errors
    ///
    /// The first that is not.
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
}

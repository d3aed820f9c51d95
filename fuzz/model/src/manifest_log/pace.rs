//! How fast a log is compacted, and how long it can become.
//!
//! Each length is the smallest that suffices, found by trying 0, 1, 2 and so on.

use super::Sizes;
use crate::mutation::{Mutation, is_on};

/// The pace of a log's compaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The maximum number of entries that trees append in a half-bar.
    pub entries: u64,
    /// The maximum number of blocks that these entries fill.
    pub append: u64,
    /// The maximum number of blocks that are compacted in a half-bar.
    pub compact: u64,
    /// The blocks of a log that holds one entry of each table.
    pub full: u64,
    /// The blocks of a log in a steady state, in which compaction keeps up with appends.
    pub cycle: u64,
    /// The blocks that the log has beyond `cycle` while compaction finds only live entries.
    pub burst: u64,
    /// The maximum number of blocks of a log that is checkpointed in every half-bar.
    pub limit: u64,
    tables: u64,
}

impl Pace {
    /// The pace of a log of these sizes.
    ///
    /// # Panics
    ///
    /// If a block has no room for an entry, or `extra` is 0.
    #[must_use]
    pub fn new(sizes: &Sizes) -> Self {
        let Sizes { entries_per_block, trees, levels, growth, tables, extra } = *sizes;
        let entries = u64::from(trees) * u64::from(levels).div_ceil(2) * 3 * (1 + growth);
        let append = entries.div_ceil(entries_per_block);
        let compact = append + extra;
        let full = tables.div_ceil(entries_per_block);
        assert!(extra > 0, "model: more blocks must be compacted than filled");
        let suffices = |blocks: &u64| full + append * blocks.div_ceil(compact) <= *blocks;
        let cycle = (0..).find(suffices).expect("a large length suffices");
        let half_bars = (full + 1).div_ceil(compact);
        let burst = append * half_bars;
        // A block that a checkpoint closes has at least one entry, so it wastes at most the others.
        let filled = entries + entries_per_block - 1;
        let suffices = |blocks: &u64| {
            full * entries_per_block + blocks.div_ceil(compact) * filled
                < (*blocks + 1) * entries_per_block
        };
        let longest = (0..).find(suffices).expect("a large length suffices");
        let limit = longest + (half_bars * filled).div_ceil(entries_per_block) + 1;
        Pace { entries, append, compact, full, cycle, burst, limit, tables }
    }

    /// How many of `closed` closed blocks are compacted in a half-bar that begins with `tables`
    /// tables.
    #[must_use]
    pub fn blocks(&self, closed: u64, tables: u64) -> u64 {
        let aim = (self.cycle * tables / self.tables).max(1);
        let share = self.compact * closed / aim;
        let near_the_end = closed + self.append >= self.cycle;
        let blocks = if near_the_end { self.compact } else { share.min(self.compact) };
        if is_on(Mutation::ManifestLogCompactsLess) {
            return blocks.min(closed).saturating_sub(1);
        }
        blocks.min(closed)
    }
}

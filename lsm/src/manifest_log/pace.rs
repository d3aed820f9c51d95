//! How fast the log is compacted, and so how long it can get.
//!
//! ```text
//! append    A = the maximum number of blocks that trees fill in a half-bar
//! compact   C = A + extra, the maximum number of blocks that a half-bar compacts
//! full      T = the number of blocks of the maximum number of tables, one entry each
//!
//! cycle     the smallest x with  x = T + A * ceil(x / C):   a log of this length, compacted at the
//!           full rate, has this length again once all of its blocks have been compacted
//! burst     A * ceil((T + 1) / C):   the blocks that trees fill while all entries of the
//!           compacted blocks are live
//! ```
//!
//! - A log of fewer than `cycle - A` blocks is compacted at a rate proportional to its number of
//!   blocks per live table, so that the share of live entries stays about the same. A longer log is
//!   compacted at the full rate.
//! - All numbers here depend only on counts: they are the same whatever the device does.
//!
//! A checkpoint closes the open block even if it has few entries. The numbers above ignore this,
//! because checkpoints are rare. With a checkpoint in every half-bar, trees fill up to `A + 1 - 1 /
//! E` blocks of `E` entries in each half-bar. [`LogPace::blocks_limit`] is `cycle + burst` with
//! that number in place of `A`. No log is longer.
//!
//! The pace does not choose the blocks: the oldest ones are always next.

use super::options::{InvalidManifestLog, ManifestLogOptions};

/// The maximum number of steps to compute the length of a cycle.
const STEPS_MAX: u32 = 1024;

/// How fast the log is compacted; see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPace {
    entries_per_block: u64,
    table_count_max: u64,
    entries_max: u64,
    append_blocks: u64,
    compact_blocks_max: u64,
    full_blocks: u64,
    cycle_blocks: u64,
    burst_blocks: u64,
    blocks_limit: u64,
}

impl LogPace {
    /// The pace of a log with `entries_per_block` entries in a block, 1 or more.
    ///
    /// # Errors
    ///
    /// If [`ManifestLogOptions::validate`] refuses the options, or if compaction is too slow.
    ///
    /// # Panics
    ///
    /// If `entries_per_block` is 0.
    pub fn new(
        options: &ManifestLogOptions,
        entries_per_block: u64,
    ) -> Result<Self, InvalidManifestLog> {
        options.validate()?;
        assert!(entries_per_block > 0, "pace: a block must have room for an entry");
        let ManifestLogOptions {
            tree_count,
            tree_id_max: _,
            level_count,
            growth_factor,
            table_count_max,
            compact_extra_blocks,
        } = *options;
        let table_count_max = u64::from(table_count_max);
        // A half-bar compacts every other level. Each input table is updated and removed, and as
        // many output tables are inserted.
        let compactions = u64::from(tree_count) * u64::from(level_count).div_ceil(2);
        let entries_max = compactions * 3 * (1 + u64::from(growth_factor));
        let append_blocks = entries_max.div_ceil(entries_per_block);
        let compact_blocks_max = append_blocks + u64::from(compact_extra_blocks);
        let full_blocks = table_count_max.div_ceil(entries_per_block);
        let cycle = |blocks: u64| full_blocks + append_blocks * blocks.div_ceil(compact_blocks_max);
        let mut cycle_blocks = 0;
        let mut steps = 0;
        while cycle(cycle_blocks) != cycle_blocks {
            if steps == STEPS_MAX {
                return Err(InvalidManifestLog::TooSlow { append_blocks, compact_extra_blocks });
            }
            steps += 1;
            cycle_blocks = cycle(cycle_blocks);
        }
        let half_bars = (full_blocks + 1).div_ceil(compact_blocks_max);
        let burst_blocks = append_blocks * half_bars;
        // The formulas of the module with M = `entries` in place of A * E, solved for x: x <= (T *
        // E + M) / (1 - M / (C * E)) / E.
        let entries = u128::from(entries_max + entries_per_block - 1);
        let [full, compacted] = [full_blocks, compact_blocks_max]
            .map(|blocks| u128::from(blocks) * u128::from(entries_per_block));
        let cycle_limit = (full + entries) * u128::from(compact_blocks_max) / (compacted - entries);
        let burst_limit = (u128::from(half_bars) * entries).div_ceil(u128::from(entries_per_block));
        let blocks_limit = u64::try_from(cycle_limit + burst_limit + 1).unwrap_or(u64::MAX);
        Ok(Self {
            entries_per_block,
            table_count_max,
            entries_max,
            append_blocks,
            compact_blocks_max,
            full_blocks,
            cycle_blocks,
            burst_blocks,
            blocks_limit,
        })
    }

    /// The maximum number of entries that trees append in a half-bar.
    #[must_use]
    pub fn entries_max(&self) -> u64 {
        self.entries_max
    }

    /// The maximum number of blocks that trees fill in a half-bar, if each block is filled
    /// completely.
    #[must_use]
    pub fn append_blocks(&self) -> u64 {
        self.append_blocks
    }

    /// The maximum number of blocks that a half-bar compacts.
    #[must_use]
    pub fn compact_blocks_max(&self) -> u64 {
        self.compact_blocks_max
    }

    /// The number of blocks of a log with the maximum number of tables, and without outdated
    /// entries.
    #[must_use]
    pub fn full_blocks(&self) -> u64 {
        self.full_blocks
    }

    /// The number of blocks of a log that is filled as fast as it is compacted at the full rate.
    #[must_use]
    pub fn cycle_blocks(&self) -> u64 {
        self.cycle_blocks
    }

    /// The maximum number of blocks of a log, if all of them are full.
    #[must_use]
    pub fn blocks_max(&self) -> u64 {
        self.cycle_blocks + self.burst_blocks
    }

    /// The maximum number of blocks of a log, however many checkpoints there are.
    #[must_use]
    pub fn blocks_limit(&self) -> u64 {
        self.blocks_limit.max(self.blocks_max())
    }

    /// The maximum number of blocks in memory at once: the open block, and those that a half-bar
    /// fills.
    #[must_use]
    pub fn buffers(&self) -> u64 {
        1 + self.compact_blocks_max + self.append_blocks
    }

    /// The maximum number of blocks by which the log grows in a bar whose compactions append up to
    /// `entries` entries.
    pub(crate) fn growth_of_bar(&self, entries: u64) -> u64 {
        // Each half-bar leaves a block that is not full.
        entries.div_ceil(self.entries_per_block) + 2
    }

    /// The maximum number of blocks that a log which was empty up to three bars before acquires in
    /// the first half of a bar and reserves in the second. The compactions of each of these bars
    /// append up to `entries` entries.
    pub(crate) fn blocks_of_bar_empty(&self, entries: u64) -> u64 {
        let appended = self.growth_of_bar(entries);
        2 * self.compact_blocks_max.min(3 * appended) + appended
    }

    /// How many blocks to compact in a half-bar that begins with this many closed blocks and
    /// tables. The result may be more than `blocks`.
    #[must_use]
    pub fn compact_blocks(&self, blocks: u64, tables: u64) -> u64 {
        if blocks + self.append_blocks >= self.cycle_blocks {
            return self.compact_blocks_max;
        }
        let target = (self.cycle_blocks * tables / self.table_count_max).max(1);
        (self.compact_blocks_max * blocks / target).min(self.compact_blocks_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(tree_count: u16, growth_factor: u32, table_count_max: u32) -> ManifestLogOptions {
        let compact_extra_blocks = if growth_factor == 8 { 1 } else { 5 };
        ManifestLogOptions {
            tree_count,
            tree_id_max: tree_count,
            level_count: 7,
            growth_factor,
            table_count_max,
            compact_extra_blocks,
        }
    }

    /// Trees, growth factor, tables, entries in a block; then A, C, T, cycle, longest log, buffers.
    const KNOWN: [([u32; 4], [u64; 6]); 4] = [
        ([33, 8, 2_396_744, 4094], [1, 2, 586, 1172, 1466, 4]),
        ([3, 4, 21_844, 30], [6, 11, 729, 1605, 2007, 18]),
        ([1, 4, 21_844, 30], [2, 7, 729, 1021, 1231, 10]),
        ([33, 4, 21_844, 30], [66, 71, 729, 10365, 11091, 138]),
    ];

    #[test]
    fn the_pace_follows_the_formula() {
        for ([trees, growth, tables, entries], known) in KNOWN {
            let options = options(trees as u16, growth, tables);
            let pace = LogPace::new(&options, u64::from(entries)).unwrap();
            let found = [
                pace.append_blocks(),
                pace.compact_blocks_max(),
                pace.full_blocks(),
                pace.cycle_blocks(),
                pace.blocks_max(),
                pace.buffers(),
            ];
            assert_eq!(found, known, "{options:?}");
            assert!(pace.blocks_limit() > pace.blocks_max());
        }
    }

    #[test]
    fn the_rate_rises_with_the_outdated_share() {
        let pace = LogPace::new(&options(1, 4, 21_844), 30).unwrap();
        let rate = |blocks, tables| pace.compact_blocks(blocks, tables);
        assert_eq!(rate(0, 0), 0);
        assert_eq!(rate(1, 0), 7, "no entry is live");
        assert_eq!(rate(100, 21_844), 0, "all entries are live");
        assert_eq!(rate(100, 2_184), 6);
        assert_eq!(rate(1018, 21_844), 6);
        assert_eq!(rate(1019, 21_844), 7, "the log is nearly as long as a cycle");
        assert_eq!(rate(5000, 21_844), 7);
    }

    /// Simulates a log. Tables change as fast as possible, in an order that keeps as many entries
    /// as possible live in the oldest blocks, with a checkpoint in each half-bar.
    #[test]
    fn no_log_gets_longer_than_its_limit() {
        for entries_per_block in [1, 2, 3, 4, 8] {
            for compact_extra_blocks in [1, 2, 5] {
                let options = ManifestLogOptions {
                    tree_count: 1,
                    tree_id_max: 1,
                    level_count: 2,
                    growth_factor: 3,
                    table_count_max: 40,
                    compact_extra_blocks,
                };
                let pace = LogPace::new(&options, entries_per_block).unwrap();
                for touched in [1, 7, 39] {
                    let longest = simulate(&pace, entries_per_block as usize, 40, touched);
                    assert!(longest <= pace.blocks_limit(), "{options:?}: {longest}");
                    assert!(longest > pace.full_blocks());
                }
            }
        }
    }

    fn simulate(pace: &LogPace, entries_per_block: usize, tables: usize, touched: usize) -> u64 {
        let mut versions = vec![0; tables];
        let first: Vec<(usize, u32)> = (0..tables).map(|table| (table, 0)).collect();
        let mut log: std::collections::VecDeque<_> =
            first.chunks(entries_per_block).map(<[_]>::to_vec).collect();
        let (mut longest, mut next) = (0, 0);
        for _ in 0..500 {
            let rate = pace.compact_blocks(log.len() as u64, tables as u64).min(log.len() as u64);
            let oldest: Vec<_> = log.drain(..rate as usize).flatten().collect();
            let mut entries: Vec<_> = oldest
                .into_iter()
                .filter(|(table, version)| versions[*table] == *version)
                .collect();
            for _ in 0..pace.entries_max() {
                next = (next + 1) % touched;
                versions[next] += 1;
                entries.push((next, versions[next]));
            }
            log.extend(entries.chunks(entries_per_block).map(<[_]>::to_vec));
            longest = longest.max(log.len() as u64);
        }
        longest
    }
}

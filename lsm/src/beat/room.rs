//! How many blocks the next bars may need, and which writes fit on the device.
//!
//! ```text
//! N    blocks of the device
//! U    blocks that tables and the manifest log use
//! F    the maximum number of blocks of the free set of a checkpoint
//! W    the maximum number of blocks that a bar acquires and reserves, without the free set
//! M    blocks of the records that wait in the immutable tables
//! G    the maximum number of blocks by which the log grows in a bar
//! R    blocks that are kept for removals
//! T    the maximum number of blocks of the tables and the log, from their numbers
//! ```
//!
//! A block that is released is free only after the next checkpoint, and the blocks of a free set
//! only after the checkpoint that follows. So after a checkpoint, `N - U - F` blocks are free, and
//! if the next bar ends with a checkpoint, it may use them except the `F` of its own free set:
//! `W <= N - U - 2 * F`.
//!
//! - A merge never writes more records than it reads. All blocks that it writes are full except the
//!   last, so it also writes no more blocks than its tables have. A memtable counts as the tables
//!   that it fills. So merges do not make `U` larger; only flushes and the log do.
//! - In a bar, a level gets at most one table, and loses at most one. A merge out of a full level
//!   reads the table with the fewest overlaps, so it reads at most the average of the overlaps.
//! - The records of bar `b` are flushed in bar `b + 1` at the earliest, and before the next
//!   checkpoint at the latest. At the end of bar `b - 1` it is decided which writes bar `b`
//!   accepts: until bar `b + 1`, the tables grow by `M` and the log by `G`. So all writes are
//!   accepted if `U + M + G + W + 2 * F <= N`, with a flush of a full memtable in `W`.
//! - Removals need room until they meet what they remove. Puts are accepted only if `R` more blocks
//!   are left after the next bar. In a level that a table cannot leave because each overlaps too
//!   many tables of the next, there are at most as many tables as in the next, divided by the
//!   growth factor `g`. All these levels together have at most the tables of the deepest level,
//!   divided by `g - 1`. So a tree needs its part of `T` and of `M`, divided by its `g - 1`, and
//!   the log needs its part of `T` and `G`, divided by the smallest `g - 1`. `R` is the sum, but
//!   not more than `U + M + G`, divided by the smallest `g - 1`. `T` counts: blocks that something
//!   else uses are never removed. These tables also make the merges of a bar larger, so `W` is that
//!   of a bar with as many tables in each level.
//! - In the middle of each bar, it is decided whether the bar ends with an early checkpoint. It
//!   does if the rest of this bar and the next bar may need more blocks than are free, `2 * W + F`,
//!   or if the store is nearly full.
//! - When room is low, the beats also merge what need not be merged yet, to make room, as far as
//!   there are blocks for it. In a bar without a flush nothing must be merged, so then only as much
//!   is merged as there are blocks. Such a bar ends with a checkpoint, so the next bar has the
//!   blocks that this bar released.
//!
//! All numbers follow from the tables, the memtables and the number of blocks in use, so the same
//! commits give the same numbers, also after the store was opened again, except in its first bar.
//!
//! If a store that fills its first memtable needs more than half of the device by these rules, or
//! one that also merges tables needs more than all of it, the device is too small for a reserve
//! ([`ForestOptions::has_reserve`](crate::forest::ForestOptions::has_reserve)). The store then
//! accepts writes as far as its levels have room, and a beat may fail because the device is full.
//! Whether that is so follows from the options alone.

use super::trees::Trees;
use super::{Fullness, Scheduled};
use crate::grid::Grid;
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;

/// A store is nearly full before puts are refused by the blocks of the device, divided by this.
const NEARLY_FULL_SHARE: u64 = 8;

/// What one tree, or all trees, may write in a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BarBlocks {
    /// Blocks of tables with the records that wait to be flushed: `M`.
    pub waiting: u64,
    /// The maximum number of blocks of the merges: a full memtable is flushed, and each level that
    /// may be full loses a table.
    pub merges: u64,
    /// The number of these merges.
    pub merge_count: u64,
    /// The maximum number of tables that these merges read and write.
    pub tables: u64,
    /// The smallest growth factor.
    pub growth_factor: u64,
    /// The blocks of the present tables, if all of them are full.
    pub present: u64,
    /// Blocks that are kept for removals from the present tables and the records that wait.
    pub removals: u64,
}

impl BarBlocks {
    /// What no tree writes.
    pub(crate) const NOTHING: Self = Self {
        waiting: 0,
        merges: 0,
        merge_count: 0,
        tables: 0,
        growth_factor: u64::MAX,
        present: 0,
        removals: 0,
    };

    /// What all trees may write, given what each may.
    fn of_all<S: Storage>(
        trees: &mut dyn Trees<S>,
        in_bar: impl Fn(&dyn Scheduled<S>) -> Self,
    ) -> Self {
        let mut blocks = Self::NOTHING;
        for place in 0..trees.count() {
            blocks.add(&in_bar(trees.tree(place)));
        }
        blocks
    }

    /// Adds what another tree may write.
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { waiting, merges, merge_count, tables, growth_factor, present, removals } =
            *other;
        self.waiting += waiting;
        self.merges += merges;
        self.merge_count += merge_count;
        self.tables += tables;
        self.growth_factor = self.growth_factor.min(growth_factor);
        self.present += present;
        self.removals += removals;
    }

    /// `W`, with `of_log` blocks of the log. In addition to what it writes, a beat reserves a few
    /// blocks for each merge, because it may end between two blocks.
    pub(super) fn of_bar(&self, of_log: u64) -> u64 {
        self.merges + of_log + 2 * self.merge_count + 2
    }

    /// The maximum number of blocks that removals need if `blocks` are in use, whatever tree has
    /// them.
    pub(super) fn for_removals(&self, blocks: u64) -> u64 {
        blocks / (self.growth_factor.max(2) - 1)
    }
}

/// What a merge that is not due reads. It writes no more.
#[derive(Clone, Copy, Debug)]
pub struct MergeCost {
    /// The number of blocks of its tables; 0 if a table only moves.
    pub blocks: u64,
    /// The number of its tables.
    pub tables: u64,
}

/// The blocks that a bar may need, and those that are free.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    of_trees: BarBlocks,
    /// Blocks that the log reserves in a bar.
    of_log: u64,
    /// The maximum number of blocks by which the log grows in a bar: `G`.
    log_growth: u64,
    /// Blocks of the free set of a checkpoint: `F`.
    of_free_set: u64,
    /// Blocks of the tables and the log: `U`.
    in_use: u64,
    /// Blocks of the log, at most.
    log_blocks: u64,
    free: u64,
    /// `N`.
    all: u64,
}

impl Room {
    pub(super) fn of<S: Storage>(
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> Self {
        Self::ahead(0, trees, log, grid)
    }

    /// The room after `ahead` more bars, each of which fills a memtable.
    fn ahead<S: Storage>(
        ahead: u64,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> Self {
        let of_trees = BarBlocks::of_all(trees, |tree| tree.bar_blocks(ahead));
        Self::of_bars(of_trees, ahead, log, grid)
    }

    /// The room after `ahead` more bars, for a bar that writes this.
    fn of_bars<S: Storage>(
        of_trees: BarBlocks,
        ahead: u64,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> Self {
        let set = grid.free_set();
        let planned = grid.planned();
        Self {
            of_trees,
            of_log: log.blocks_of_bar(3 * of_trees.tables, of_trees.tables, 2 + ahead),
            log_growth: (1 + ahead) * log.growth_of_bar(3 * of_trees.tables),
            of_free_set: planned.of_free_set,
            in_use: set.acquired_count() - set.released_count() - set.staged_count(),
            log_blocks: log.block_addresses().count() as u64,
            free: planned.free,
            all: planned.all,
        }
    }

    /// `W`.
    fn of_bar(&self) -> u64 {
        self.of_trees.of_bar(self.of_log)
    }

    /// Whether the rest of this bar and the next bar may need more blocks than are free, with a
    /// checkpoint at the end of the next bar.
    pub(super) fn is_short(&self) -> bool {
        2 * self.of_bar() + self.of_free_set > self.free
    }

    /// The number of blocks with which a store accepts removals.
    fn for_removals(&self) -> u64 {
        self.grown() + self.of_bar() + 2 * self.of_free_set
    }

    /// The maximum number of blocks of the tables and the log at the end of the next bar.
    fn grown(&self) -> u64 {
        self.in_use + self.of_trees.waiting + self.log_growth
    }

    /// `R`.
    fn of_removals(&self) -> u64 {
        let Self { of_trees, .. } = self;
        let of_log = of_trees.for_removals(self.log_blocks + self.log_growth) + 1;
        let present = of_trees.present + self.log_blocks;
        let of_tables = Self { in_use: self.in_use.min(present), ..*self };
        of_trees.for_removals(of_tables.grown()).min(of_trees.removals + of_log)
    }

    /// The number of blocks with which `ahead` bars with puts leave room for the removals of all
    /// records.
    fn for_puts<S: Storage>(
        ahead: u64,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> u64 {
        let of_trees = BarBlocks::of_all(trees, |tree| tree.bar_blocks_with_removals(ahead));
        let room = Self::of_bars(of_trees, ahead, log, grid);
        room.for_removals() + room.of_removals()
    }

    /// Whether a bar accepts puts after `ahead` more bars, each of which fills a memtable.
    pub(super) fn fits_ahead<S: Storage>(
        ahead: u64,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> bool {
        let mut fits = Self::for_puts(ahead + 1, trees, log, grid) <= grid.planned().all;
        for place in 0..trees.count() {
            fits &= trees.tree(place).fullness_of_levels(ahead).accepts_puts();
        }
        fits
    }

    /// Which writes the next bar accepts. Called at the end of a bar. `has_reserve` says whether
    /// the device is large enough for a reserve.
    pub(super) fn fullness<S: Storage>(
        has_reserve: bool,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> Fullness {
        let now = Self::of(trees, log, grid);
        let [next, later] = [1, 2].map(|ahead| Self::for_puts(ahead, trees, log, grid));
        let all = now.all;
        let levels = (0..trees.count()).map(|place| trees.tree(place).fullness_of_levels(0));
        let of_levels = levels.max().unwrap_or_default();
        let of_device = if !has_reserve {
            Fullness::HasRoom
        } else if now.for_removals() > all {
            Fullness::FullForAll
        } else if next > all {
            Fullness::FullForPuts
        } else if later + all / NEARLY_FULL_SHARE > all {
            // Some blocks earlier, so that merges make room before puts are refused.
            Fullness::NearlyFull
        } else {
            Fullness::HasRoom
        };
        of_device.max(of_levels)
    }

    /// The merges that are planned to make room in a half-bar that begins.
    pub(super) fn optional(&self, bar: &OptionalBar) -> Optional {
        let planned = if bar.must_merge { self.of_trees } else { BarBlocks::NOTHING };
        Optional { room: Self { of_trees: planned, ..*self }, of_next: *self, bar: *bar }
    }
}

/// The half-bar in which merges are planned to make room.
#[derive(Clone, Copy, Debug)]
pub(super) struct OptionalBar {
    /// Whether records are flushed in this bar, so that all merges that are due are planned.
    pub(super) must_merge: bool,
    /// Whether the bar accepts writes, which the next bar flushes.
    pub(super) accepts_writes: bool,
}

/// The merges that are planned to make room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Optional {
    /// The blocks that this bar needs with these merges.
    room: Room,
    /// The blocks that the next bar needs.
    of_next: Room,
    bar: OptionalBar,
}

impl Optional {
    /// Adds a merge if there are blocks for it. Returns whether there are.
    pub(super) fn add(&mut self, merge: &MergeCost, log: &ManifestLog) -> bool {
        let mut of_trees = self.room.of_trees;
        of_trees.merges += merge.blocks;
        of_trees.merge_count += 1;
        of_trees.tables += merge.tables;
        let with = Room {
            of_trees,
            of_log: log.blocks_of_bar(3 * of_trees.tables, of_trees.tables, 2),
            log_growth: log.growth_of_bar(3 * of_trees.tables),
            ..self.room
        };
        let fits_now = with.of_bar() + with.of_free_set <= with.free;
        let grown = Room { log_growth: with.log_growth, ..self.of_next };
        let fits_later = !self.bar.accepts_writes || grown.for_removals() <= grown.all;
        let fits = fits_now && fits_later;
        if fits {
            self.room = with;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(growth_factor: u64, present: u64) -> BarBlocks {
        let removals = present.div_ceil(growth_factor - 1);
        BarBlocks { growth_factor, present, removals, ..BarBlocks::NOTHING }
    }

    fn removals(trees: &[BarBlocks], in_use: u64) -> u64 {
        let mut of_trees = BarBlocks::NOTHING;
        trees.iter().for_each(|tree| of_trees.add(tree));
        let room = Room {
            of_trees,
            of_log: 0,
            log_growth: 0,
            of_free_set: 0,
            in_use,
            log_blocks: 0,
            free: 0,
            all: 1000,
        };
        room.of_removals()
    }

    #[test]
    fn each_tree_keeps_a_reserve_by_its_own_growth_factor() {
        let (large, small) = (tree(2, 600), tree(16, 30));
        assert_eq!(
            removals(&[large, small], 630),
            600 + 2 + 1,
            "the larger tree is the slower one"
        );
        let (large, small) = (tree(16, 600), tree(2, 30));
        assert_eq!(
            removals(&[large, small], 630),
            40 + 30 + 1,
            "the larger tree is the faster one"
        );
    }

    #[test]
    fn blocks_that_are_not_in_use_need_no_reserve() {
        assert_eq!(removals(&[tree(8, 700)], 70), 10);
        assert_eq!(removals(&[tree(8, 70)], 700), 10);
    }
}

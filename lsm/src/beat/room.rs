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
//!   divided by `g - 1`. So `R` is the sum of the smaller of `U` and `T`, of `M` and of `G`,
//!   divided by `g - 1`. `T` counts: blocks that something else uses are never removed. These
//!   tables also make the merges of a bar larger, so `W` is that of a bar with as many tables in
//!   each level.
//! - In the middle of each bar, it is decided whether the bar ends with an early checkpoint. It
//!   does if the rest of this bar and the next bar may need more blocks than are free, `2 * W + F`,
//!   or if the store is nearly full.
//! - When room is low, the beats also merge what need not be merged yet, to make room, as far as
//!   there are blocks for it. In a bar without a flush nothing must be merged, so then only as much
//!   is merged as there are blocks.
//!
//! All numbers follow from the tables, the memtables and the number of blocks in use, so the same
//! commits give the same numbers, also after the store was opened again.
//!
//! If a store that fills its first memtable needs more than half of the device by these rules, or
//! one that also merges tables needs more than all of it, the device is too small for them. The
//! store then accepts writes as far as its levels have room, and a beat may fail because the device
//! is full. Whether that is so follows from the options alone.

use super::Fullness;
use super::trees::Trees;
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
    /// The largest growth factor.
    pub growth_factor: u64,
    /// The blocks of the present tables, if all of them are full.
    pub present: u64,
}

impl BarBlocks {
    /// What no tree writes.
    const NOTHING: Self =
        Self { waiting: 0, merges: 0, merge_count: 0, tables: 0, growth_factor: 0, present: 0 };

    fn add(&mut self, other: &Self) {
        let Self { waiting, merges, merge_count, tables, growth_factor, present } = *other;
        self.waiting += waiting;
        self.merges += merges;
        self.merge_count += merge_count;
        self.tables += tables;
        self.growth_factor = self.growth_factor.max(growth_factor);
        self.present += present;
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
    /// `T`.
    present: u64,
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
        let mut of_trees = BarBlocks::NOTHING;
        for place in 0..trees.count() {
            of_trees.add(&trees.tree(place).bar_blocks(ahead));
        }
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
            present: of_trees.present + log.block_addresses().count() as u64,
            free: planned.free,
            all: planned.all,
        }
    }

    /// `W`. In addition to what it writes, a beat reserves a few blocks for each merge, because it
    /// may end between two blocks.
    fn of_bar(&self) -> u64 {
        self.of_trees.merges + self.of_log + 2 * self.of_trees.merge_count + 2
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

    /// Whether the device is too small for a reserve: a store that fills its first memtable needs
    /// more than half of it, or one that also merges tables needs more than all of it.
    fn is_too_small<S: Storage>(&self, trees: &mut dyn Trees<S>, log: &ManifestLog) -> bool {
        let mut needed = |levels: usize| {
            let mut of_trees = BarBlocks::NOTHING;
            for place in 0..trees.count() {
                of_trees.add(&trees.tree(place).bar_blocks_least(levels));
            }
            let entries = 3 * of_trees.tables;
            let of_log = log.blocks_of_bar_empty(entries);
            let log_growth = 2 * log.growth_of_bar(entries);
            let least = Self { of_trees, of_log, log_growth, in_use: 0, ..*self };
            least.for_removals() + least.of_removals()
        };
        2 * needed(1) > self.all || needed(2) > self.all
    }

    /// `R`.
    fn of_removals(&self) -> u64 {
        let of_tables = Self { in_use: self.in_use.min(self.present), ..*self };
        of_tables.grown() / (self.of_trees.growth_factor.max(2) - 1)
    }

    /// The number of blocks with which `ahead` bars with puts leave room for the removals of all
    /// records.
    fn for_puts<S: Storage>(
        ahead: u64,
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> u64 {
        let mut of_trees = BarBlocks::NOTHING;
        for place in 0..trees.count() {
            of_trees.add(&trees.tree(place).bar_blocks_with_removals(ahead));
        }
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

    /// Which writes the next bar accepts. Called at the end of a bar.
    pub(super) fn fullness<S: Storage>(
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> Fullness {
        let now = Self::of(trees, log, grid);
        let [next, later] = [1, 2].map(|ahead| Self::for_puts(ahead, trees, log, grid));
        let all = now.all;
        let levels = (0..trees.count()).map(|place| trees.tree(place).fullness_of_levels(0));
        let of_levels = levels.max().unwrap_or_default();
        let of_device = if now.is_too_small(trees, log) {
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
        // Without a checkpoint at its end, the next bar has only the blocks that this bar leaves.
        let later = if bar.before_checkpoint { 0 } else { self.of_bar() };
        Optional { room: Self { of_trees: planned, ..*self }, later, of_next: *self, bar: *bar }
    }
}

/// The half-bar in which merges are planned to make room.
#[derive(Clone, Copy, Debug)]
pub(super) struct OptionalBar {
    /// Whether records are flushed in this bar, so that all merges that are due are planned.
    pub(super) must_merge: bool,
    /// Whether the bar ends with a checkpoint if room is short in its middle.
    pub(super) before_checkpoint: bool,
    /// Whether the bar accepts writes, which the next bar flushes.
    pub(super) accepts_writes: bool,
}

/// The merges that are planned to make room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Optional {
    /// The blocks that this bar needs with these merges.
    room: Room,
    /// Blocks that the next bar needs before a checkpoint.
    later: u64,
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
        let fits_now = with.of_bar() + self.later + with.of_free_set <= with.free;
        let grown = Room { log_growth: with.log_growth, ..self.of_next };
        let fits_later = !self.bar.accepts_writes || grown.for_removals() <= grown.all;
        let fits = fits_now && fits_later;
        if fits {
            self.room = with;
        }
        fits
    }
}

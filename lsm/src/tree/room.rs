//! What the tree may write in the next bar, and which writes its levels have room for, as its
//! present tables show.

use super::Tree;
use super::bar_sizes::{BarSizes, Tables};
use crate::beat::{BarBlocks, Fullness};
use crate::collections::Direction;
use crate::manifest::Visibility;
use crate::record::Record;

impl<R: Record> Tree<R> {
    fn bar_sizes(&self) -> BarSizes<'_> {
        BarSizes { options: &self.options, layout: &self.layout }
    }

    /// The number of tables of all levels together.
    fn table_count(&self) -> u64 {
        let levels = self.manifest.levels().iter();
        levels.map(|level| u64::from(level.table_count_visible())).sum()
    }

    /// What the tree may write in the next bar, if its mutable table is then full. With `ahead`, in
    /// a later bar, if `ahead` more bars fill a memtable before.
    pub(crate) fn bar_blocks(&self, ahead: u64) -> BarBlocks {
        let levels = self.manifest.levels();
        let level_0 = levels[0].tables(Visibility::Any, Direction::Ascending, None);
        let sizes = self.bar_sizes();
        let level_0 = level_0.map(|found| sizes.blocks_of(found.table.value_count)).sum();
        let waiting = if self.immutable.is_flushed() { 0 } else { self.immutable.len() };
        let waiting = sizes.blocks_of(waiting) + ahead * sizes.memtable();
        let count = |level: usize| u64::from(levels[level].table_count_visible()) + ahead;
        sizes.of_bar(&Tables { level_0, waiting, present: self.table_count(), count })
    }

    /// The same with as many tables in each level as removals can leave there. A table cannot leave
    /// a level while each table of the level overlaps more tables of the next than a merge may
    /// read. The level then has at most as many tables as the next less one, divided by the growth
    /// factor.
    pub(crate) fn bar_blocks_with_removals(&self, ahead: u64) -> BarBlocks {
        let plain = self.bar_blocks(ahead);
        let Some(deepest) = self.manifest.deepest().filter(|deepest| *deepest > 0) else {
            return plain;
        };
        let growth = u64::from(self.options.growth_factor);
        let levels = self.manifest.levels();
        let all = self.table_count() + ahead;
        let stuck = |level: usize| {
            let above = (deepest as usize).checked_sub(level)?;
            Some((0..above).fold(all, |count, _| count.saturating_sub(1) / growth))
        };
        let count = |level: usize| {
            let present = u64::from(levels[level].table_count_visible());
            stuck(level).map_or(0, |stuck| stuck.max(present + ahead))
        };
        let sizes = self.bar_sizes();
        let level_0 = stuck(0).unwrap_or(0).min(growth) * sizes.memtable();
        let present = self.table_count();
        let blocks = sizes.of_bar(&Tables { level_0, waiting: plain.waiting, present, count });
        BarBlocks { merges: blocks.merges.max(plain.merges), ..blocks }
    }

    /// Which writes the levels have room for in the next bar; with `ahead`, after `ahead` more bars
    /// that fill a memtable.
    ///
    /// A flush adds at most one table to all levels together, and no other merge adds any. If some
    /// level has room for a table, each level above can pass one on in a bar. So a bar can flush if
    /// all levels together have room for a table.
    ///
    /// Merges with removals can leave tables that are not full, until the last level has its
    /// maximum. A merge within the level then turns `g + 1` tables that are next to each other into
    /// `g`, where `g` is the growth factor, if their records fit. If they fit nowhere, any `g + 1`
    /// tables have more records than `g` full tables. Puts are accepted only while all tables
    /// together are at most `g` for each `g + 1` of the last level. So the records of the last
    /// level fit somewhere, and the level gets room for a table.
    pub(crate) fn fullness_of_levels(&self, ahead: u64) -> Fullness {
        let levels = 0..self.options.level_count;
        let most: u64 = levels.map(|level| self.manifest.table_count_max(level)).sum();
        let last = self.manifest.table_count_max(self.options.level_count - 1);
        let growth = u64::from(self.options.growth_factor);
        let with_puts = last / (growth + 1) * growth;
        // The waiting records are flushed, and then those of the next bar.
        let flushed = self.table_count() + u64::from(!self.immutable.is_flushed()) + 1 + ahead;
        match flushed {
            flushed if flushed > most => Fullness::FullForAll,
            flushed if flushed > with_puts => Fullness::FullForPuts,
            flushed if flushed + 2.max(with_puts / 8) > with_puts => Fullness::NearlyFull,
            _ => Fullness::HasRoom,
        }
    }
}

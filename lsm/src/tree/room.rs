//! What the tree may write in the next bar, and which writes its levels have room for, as its
//! present tables show.

use super::Tree;
use crate::beat::{BarBlocks, Fullness};
use crate::collections::Direction;
use crate::manifest::Visibility;
use crate::record::Record;

impl<R: Record> Tree<R> {
    /// The blocks of tables with this many records together, all full except the last.
    fn blocks_of(&self, values: u32) -> u64 {
        let value_blocks = u64::from(self.layout.value_block_count(values));
        value_blocks + value_blocks.div_ceil(u64::from(self.layout.value_block_count_max()))
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
        let level_0: u64 = level_0.map(|found| self.blocks_of(found.table.value_count)).sum();
        let waiting = if self.immutable.is_flushed() { 0 } else { self.immutable.len() };
        let memtable = self.blocks_of(self.options.value_count_max());
        let waiting = self.blocks_of(waiting) + ahead * memtable;
        let count = |level: usize| u64::from(levels[level].table_count_visible());
        self.blocks_of_bar(level_0, waiting, |level| count(level) + ahead)
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
        let table = self.blocks_of(self.options.value_count_max());
        let level_0 = stuck(0).unwrap_or(0).min(growth) * table;
        let blocks = self.blocks_of_bar(level_0, plain.waiting, count);
        BarBlocks { merges: blocks.merges.max(plain.merges), ..blocks }
    }

    /// What a tree may write in its second bar that has a table in each of the first `levels`
    /// levels.
    pub(crate) fn bar_blocks_least(&self, levels: usize) -> BarBlocks {
        let memtable = self.blocks_of(self.options.value_count_max());
        self.blocks_of_bar(0, memtable, |level| u64::from(level < levels))
    }

    /// What the tree may write in a bar, with so many blocks in level 0 and waiting, and so many
    /// tables in each level. Each bar adds at most one table to a level.
    fn blocks_of_bar(&self, level_0: u64, waiting: u64, count: impl Fn(usize) -> u64) -> BarBlocks {
        let memtable = self.blocks_of(self.options.value_count_max());
        let growth = u64::from(self.options.growth_factor);
        let table = 1 + u64::from(self.layout.value_block_count_max());
        let mut blocks = BarBlocks {
            waiting,
            // The flush reads at most all of level 0, after the waiting records were added to it.
            merges: level_0 + waiting + memtable,
            merge_count: 1,
            tables: count(0) + 2,
            growth_factor: growth,
            present: self.table_count() * table,
        };
        for level in 1..self.options.level_count as usize {
            let most = self.manifest.table_count_max(level as u32 - 1);
            // Before this merge, the level above gets two tables at most, and this level gets one.
            if count(level - 1) + 2 < most {
                continue;
            }
            // On average, a table of a full level overlaps this many tables of the next level. So
            // at least one table overlaps no more, and the merge takes it.
            let average = growth.min((count(level) + most) / most);
            // A merge into a level without room for a table may read another one.
            let has_room = count(level) + 1 < self.manifest.table_count_max(level as u32);
            let overlap = if has_room { average } else { growth };
            blocks.merges += (1 + overlap) * table;
            blocks.merge_count += 1;
            blocks.tables += 1 + overlap;
        }
        // A bar without a flush must have blocks for a merge that makes room.
        if (1..self.options.level_count as usize).any(|level| count(level) > 0) {
            blocks.merges = blocks.merges.max((1 + growth) * table);
            blocks.tables = blocks.tables.max(1 + growth);
        }
        blocks
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

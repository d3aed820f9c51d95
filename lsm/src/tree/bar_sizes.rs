//! The sizes that decide what a tree may write in a bar.

use super::TreeOptions;
use crate::beat::BarBlocks;
use crate::manifest::table_count_max;
use crate::table::TableLayout;

/// The sizes of a tree and of its tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BarSizes<'a> {
    pub(crate) options: &'a TreeOptions,
    pub(crate) layout: &'a TableLayout,
}

/// The tables of a tree, and the records that wait to be flushed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables<F> {
    /// The blocks of the tables of level 0.
    pub(super) level_0: u64,
    /// The blocks of tables with the records that wait.
    pub(super) waiting: u64,
    /// The number of tables of all levels together.
    pub(super) present: u64,
    /// The number of tables of a level with which the merges are counted.
    pub(super) count: F,
}

impl BarSizes<'_> {
    /// The blocks of tables with this many records together, all full except the last.
    pub(super) fn blocks_of(&self, values: u32) -> u64 {
        let value_blocks = u64::from(self.layout.value_block_count(values));
        value_blocks + value_blocks.div_ceil(u64::from(self.layout.value_block_count_max()))
    }

    /// The blocks of tables with the records of a full memtable.
    pub(super) fn memtable(&self) -> u64 {
        self.blocks_of(self.options.value_count_max())
    }

    /// What a tree may write in its second bar that has a table in each of the first `levels`
    /// levels.
    pub(crate) fn least(&self, levels: usize) -> BarBlocks {
        let count = |level| u64::from(level < levels);
        self.of_bar(&Tables { level_0: 0, waiting: self.memtable(), present: 0, count })
    }

    /// What a tree with these tables may write in a bar, if its mutable table is then full. Each
    /// bar adds at most one table to a level.
    pub(super) fn of_bar(&self, tables: &Tables<impl Fn(usize) -> u64>) -> BarBlocks {
        let Tables { level_0, waiting, present, count } = tables;
        let growth = u64::from(self.options.growth_factor);
        let table = 1 + u64::from(self.layout.value_block_count_max());
        let present = present * table;
        let most = |level: usize| table_count_max(self.options.growth_factor, level as u32);
        let mut blocks = BarBlocks {
            waiting: *waiting,
            // The flush reads at most all of level 0, after the waiting records were added to it.
            merges: level_0 + waiting + self.memtable(),
            merge_count: 1,
            tables: count(0) + 2,
            growth_factor: growth,
            present,
            removals: (present + waiting).div_ceil(growth.max(2) - 1),
        };
        for level in 1..self.options.level_count as usize {
            let most_above = most(level - 1);
            // Before this merge, the level above gets two tables at most, and this level gets one.
            if count(level - 1) + 2 < most_above {
                continue;
            }
            // On average, a table of a full level overlaps this many tables of the next level. So
            // at least one table overlaps no more, and the merge takes it.
            let average = growth.min((count(level) + most_above) / most_above);
            // A merge into a level without room for a table may read another one.
            let has_room = count(level) + 1 < most(level);
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
}

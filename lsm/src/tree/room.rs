//! What the tree may write in the next bar, as its present tables show.

use super::Tree;
use crate::beat::BarBlocks;
use crate::collections::Direction;
use crate::manifest::Visibility;
use crate::record::Record;

impl<R: Record> Tree<R> {
    /// The blocks of tables with this many records together, all full except the last.
    fn blocks_of(&self, values: u32) -> u64 {
        let value_blocks = u64::from(self.layout.value_block_count(values));
        value_blocks + value_blocks.div_ceil(u64::from(self.layout.value_block_count_max()))
    }

    /// What the tree may write in the next bar, if its mutable table is then full.
    pub(crate) fn bar_blocks(&self) -> BarBlocks {
        let levels = self.manifest.levels();
        let count = |level: usize| u64::from(levels[level].table_count_visible());
        let level_0 = levels[0].tables(Visibility::Any, Direction::Ascending, None);
        let level_0: u64 = level_0.map(|found| self.blocks_of(found.table.value_count)).sum();
        let waiting = if self.immutable.is_flushed() { 0 } else { self.immutable.len() };
        // The flush reads at most all of level 0, after the waiting records were added to it.
        let memtables = self.blocks_of(waiting) + self.blocks_of(self.options.value_count_max());
        let mut blocks =
            BarBlocks { merges: level_0 + memtables, merge_count: 1, tables: count(0) + 2 };
        let growth = u64::from(self.options.growth_factor);
        let table = 1 + u64::from(self.layout.value_block_count_max());
        for level in 1..levels.len() {
            let most = self.manifest.table_count_max(level as u32 - 1);
            // Before this merge, the level above gets two tables at most, and this level gets one.
            if count(level - 1) + 2 < most {
                continue;
            }
            // On average, a table of a full level overlaps this many tables of the next level. So at
            // least one table overlaps no more, and the merge takes it.
            let overlap = growth.min((count(level) + most) / most);
            blocks.merges += (1 + overlap) * table;
            blocks.merge_count += 1;
            blocks.tables += 1 + overlap;
        }
        blocks
    }
}

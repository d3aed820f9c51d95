//! How many blocks the next bars may write.
//!
//! - All numbers are upper bounds that follow from the present tables, so the same commits give the
//!   same numbers. They assume that a merge writes as much as it reads.
//! - In the middle of each bar, the scheduler decides whether the bar ends with an early
//!   checkpoint. It does if the rest of this bar and the next bar may need more blocks than are
//!   free. The next decision is a bar later, and its checkpoint frees blocks only after that bar.

use super::trees::Trees;
use crate::grid::Grid;
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;

/// What one tree, or all trees, may write in a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BarBlocks {
    /// The maximum number of blocks of the merges: a full memtable is flushed, and each level that
    /// may be full loses a table.
    pub merges: u64,
    /// The number of these merges.
    pub merge_count: u64,
    /// The maximum number of tables that these merges read and write.
    pub tables: u64,
}

/// The blocks that a bar may need, and those that are free.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    of_trees: BarBlocks,
    /// Blocks that the log reserves in a bar.
    of_log: u64,
    /// Blocks of the free set of a checkpoint.
    of_free_set: u64,
    free: u64,
}

impl Room {
    pub(super) fn of<S: Storage>(
        trees: &mut dyn Trees<S>,
        log: &ManifestLog,
        grid: &Grid<S>,
    ) -> Self {
        let mut of_trees = BarBlocks::default();
        for place in 0..trees.count() {
            let BarBlocks { merges, merge_count, tables } = trees.tree(place).bar_blocks();
            of_trees.merges += merges;
            of_trees.merge_count += merge_count;
            of_trees.tables += tables;
        }
        Self {
            of_trees,
            of_log: log.blocks_of_bar(3 * of_trees.tables, of_trees.tables),
            of_free_set: grid.free_set_blocks_max(),
            free: grid.free_set().free_count(),
        }
    }

    /// The maximum number of blocks that a bar needs at once. In addition to what it writes, a beat
    /// reserves a few blocks for each merge, because it may end between two blocks.
    fn of_bar(&self) -> u64 {
        self.of_trees.merges + self.of_log + 2 * self.of_trees.merge_count + 2
    }

    /// Whether the rest of this bar and the next bar may need more blocks than are free, with a
    /// checkpoint at the end of the next bar.
    pub(super) fn is_short(&self) -> bool {
        2 * self.of_bar() + self.of_free_set > self.free
    }
}

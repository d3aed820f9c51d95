//! The trees of a store, as the scheduler sees them.

use super::Scheduled;
use crate::collections::NodePool;
use crate::grid::Grid;
use crate::storage::Storage;

/// A fixed number of trees in a fixed order.
pub trait Trees<S: Storage> {
    /// The number of trees.
    fn count(&self) -> usize;

    /// A tree.
    ///
    /// # Panics
    ///
    /// If `place` is not below [`Trees::count`].
    fn tree(&mut self, place: usize) -> &mut dyn Scheduled<S>;

    /// Called before each beat. Releases the blocks of open scans.
    fn beat_begins(&mut self, grid: &mut Grid<S>) {
        let _ = grid;
    }

    /// Called at the end of each beat, after the trees have sorted their records. `ends_bar` is
    /// true at the last beat of a bar.
    fn beat_ended(&mut self, ends_bar: bool) {
        let _ = ends_bar;
    }

    /// Resets all trees, and everything else that depends on their records. Block buffers return to
    /// the grid, and nodes to the pool.
    fn reset(&mut self, pool: &mut NodePool, grid: &mut Grid<S>) {
        for place in 0..self.count() {
            self.tree(place).reset(pool, grid);
        }
    }
}

/// The number of levels of the tree that has the most.
pub(super) fn levels<S: Storage>(trees: &mut dyn Trees<S>) -> u32 {
    (0..trees.count()).map(|place| trees.tree(place).level_count()).max().unwrap_or(0)
}

/// Returns whether records of a tree wait to be flushed.
pub(super) fn has_waiting<S: Storage>(trees: &mut dyn Trees<S>) -> bool {
    (0..trees.count()).any(|place| !trees.tree(place).is_flushed())
}

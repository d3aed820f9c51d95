//! A grid that grows when its store is opened: blocks that are added, and the number of blocks on
//! which decisions depend until the next checkpoint.

use super::Grid;
use super::trailer::TrailerLimits;
use crate::storage::{Layout, Storage};

/// The numbers of blocks on which decisions depend ([`Grid::planned`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlannedBlocks {
    pub(crate) all: u64,
    pub(crate) free: u64,
    /// The maximum number of blocks of the free set of a checkpoint.
    pub(crate) of_free_set: u64,
}

impl<S: Storage> Grid<S> {
    /// Reduces a grid that is not open to its first `block_count` blocks, until [`Grid::grow`].
    ///
    /// # Panics
    ///
    /// The same as [`FreeSet::limit`](super::free_set::FreeSet::limit).
    pub fn limit(&mut self, block_count: u64) {
        self.free_set.limit(block_count);
        self.set_layout(self.layout_max.with_block_count(block_count));
        self.layout_planned = self.layout;
    }

    /// Adds the blocks that [`Grid::limit`] took away. No decision depends on them before the next
    /// checkpoint.
    ///
    /// # Panics
    ///
    /// If the grid is not open, or the device is too small for the blocks.
    pub fn grow(&mut self) {
        assert!(
            self.storage.size() >= self.layout_max.size(),
            "grid: the device must be large enough before blocks are added",
        );
        self.free_set.grow();
        self.set_layout(self.layout_max);
    }

    pub(super) fn set_layout(&mut self, layout: Layout) {
        self.layout = layout;
        self.trailers = TrailerLimits::new(&layout, &self.options.free_set(&layout));
    }

    /// Makes decisions depend on all blocks, also on those that were added.
    pub(crate) fn plan_with_all_blocks(&mut self) {
        self.layout_planned = self.layout;
    }

    /// Returns the numbers of blocks on which decisions depend. Blocks that are added when a store
    /// is opened do not count before the next checkpoint, which says that they exist. So the beats
    /// that a caller repeats after the last checkpoint decide as they did the first time. If these
    /// beats need more blocks than there were, they may already use those that were added.
    pub(crate) fn planned(&self) -> PlannedBlocks {
        let all = self.layout_planned.block_count();
        let added = self.layout.block_count() - all;
        let limits =
            TrailerLimits::new(&self.layout_planned, &self.options.free_set(&self.layout_planned));
        PlannedBlocks {
            all,
            free: self.free_set.free_count().saturating_sub(added),
            of_free_set: 2 * limits.blocks_max() as u64,
        }
    }

    /// Returns whether [`Grid::reserve`] finds `count` free blocks among those on which decisions
    /// depend ([`Grid::planned`]).
    pub(crate) fn has_planned_room(&self, count: u64) -> bool {
        let PlannedBlocks { all: _, free, of_free_set } = self.planned();
        count <= free.saturating_sub(self.free_set.reserved_count() + of_free_set)
    }
}

//! Whether a device is large enough to keep a reserve; see [`room`](super::room).

use super::BarBlocks;
use crate::manifest_log::LogPace;

/// The sizes of a device and of what all trees of a store share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReserveSizes<'a> {
    /// The number of blocks of the device.
    pub(crate) block_count: u64,
    /// The maximum number of blocks of the free set of a checkpoint.
    pub(crate) free_set: u64,
    pub(crate) log: &'a LogPace,
}

impl ReserveSizes<'_> {
    /// Whether the device is large enough: a store that fills its first memtable needs at most half
    /// of it, and a store that also merges tables needs at most all of it. The bars are what all
    /// trees may write in their second bar, with a table in the first level, and in the first two.
    pub(crate) fn suffices(&self, [first, second]: &[BarBlocks; 2]) -> bool {
        2 * self.needed(first) <= self.block_count && self.needed(second) <= self.block_count
    }

    /// The blocks with which a store whose trees write this in their second bar accepts puts.
    fn needed(&self, trees: &BarBlocks) -> u64 {
        let entries = 3 * trees.tables;
        let grown = trees.waiting + 2 * self.log.growth_of_bar(entries);
        let of_log = self.log.blocks_of_bar_empty(entries);
        grown + trees.for_removals(grown) + trees.of_bar(of_log) + 2 * self.free_set
    }
}

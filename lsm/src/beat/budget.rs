//! The work of a half-bar: the number of bytes left to read, and the compaction that is next.
//!
//! - Compactions run one at a time, in the order of levels, and in the order of trees within a
//!   level.
//! - The count of the remaining work is exact: if a beat does more than its share, the next beats
//!   do less.

use super::trees::{Trees, levels};
use crate::compaction::{Bars, BlocksOfBeat, CompactionPace, bytes_of_beat};
use crate::storage::Storage;

/// The work of a half-bar; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Bytes left to read in the half-bar.
    left: u64,
    /// Bytes left to read in the beat.
    beat: u64,
    /// The running compaction: its level, and the position of its tree.
    at: (u32, usize),
}

impl Budget {
    /// Adds planned work, in bytes to read.
    pub(super) fn add(&mut self, bytes: u64) {
        self.left += bytes;
    }

    /// Returns the number of bytes left to read in the half-bar.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Divides the work of a beat among the trees. Returns the maximum number of blocks that the
    /// beat may write, or `None` if there is no work.
    pub(super) fn commence<S: Storage>(
        &mut self,
        bars: Bars,
        beat: u64,
        pace: CompactionPace,
        trees: &mut dyn Trees<S>,
    ) -> Option<u64> {
        self.beat = bytes_of_beat(self.left, bars.left_in_half(beat), pace);
        self.at = (0, 0);
        let mut blocks = BlocksOfBeat::new();
        let mut bytes = self.beat;
        for level in (0..levels(trees)).filter(|level| bars.is_active(*level, beat)) {
            for place in 0..trees.count() {
                let tree = trees.tree(place);
                if level >= tree.level_count() {
                    continue;
                }
                let values = tree.commence(level, bytes);
                if values > 0 {
                    blocks.add(values, tree.layout());
                    bytes = bytes.saturating_sub(values * tree.layout().record_size() as u64);
                }
            }
        }
        assert!(
            bytes == 0,
            "budget: the trees must take all work of a beat ({bytes} bytes are left)"
        );
        (self.beat > 0).then(|| blocks.total())
    }

    /// Returns the compaction to continue: its level, and the position of its tree. Returns `None`
    /// once the beat's work is done.
    pub(super) fn current<S: Storage>(
        &mut self,
        bars: Bars,
        beat: u64,
        trees: &mut dyn Trees<S>,
    ) -> Option<(u32, usize)> {
        if self.beat == 0 {
            return None;
        }
        let levels = levels(trees);
        loop {
            let (level, place) = self.at;
            if level == levels {
                return None;
            }
            if place == trees.count() || !bars.is_active(level, beat) {
                self.at = (level + 1, 0);
                continue;
            }
            if level < trees.tree(place).level_count() {
                return Some(self.at);
            }
            self.at = (level, place + 1);
        }
    }

    /// Notes that the current compaction read `bytes` bytes and has done its share of the beat.
    pub(super) fn done(&mut self, bytes: u64) {
        assert!(bytes <= self.left, "budget: a beat must not do more than was planned ({bytes})");
        self.left -= bytes;
        self.beat = self.beat.saturating_sub(bytes);
        self.at.1 += 1;
    }
}

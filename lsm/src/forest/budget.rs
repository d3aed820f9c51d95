//! The work of a half: how much is left, and which compaction is next.
//!
//! - Compactions are worked off by level, and by tree within a level. One begins when the one before it is done.
//! - What is left is known exactly: what a beat does too much, the next ones do less.
//!
//! What this does not do: it does no work.

use super::Scheduled;
use crate::compaction::{Bars, BlocksOfBeat, CompactionPace, bytes_of_beat};
use crate::storage::Storage;

/// The work of a half; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Bytes to be read in the half.
    left: u64,
    /// Bytes to be read at the beat.
    beat: u64,
    /// The level and the place of the tree that is at work.
    at: (u32, usize),
}

impl Budget {
    /// Adds work that was planned.
    pub(super) fn add(&mut self, bytes: u64) {
        self.left += bytes;
    }

    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Shares a beat out. Returns the blocks that it may write; none, if there is nothing to do.
    pub(super) fn commence<S: Storage>(
        &mut self,
        bars: Bars,
        beat: u64,
        pace: CompactionPace,
        trees: &mut [&mut dyn Scheduled<S>],
    ) -> Option<u64> {
        self.beat = bytes_of_beat(self.left, bars.left_in_half(beat), pace);
        self.at = (0, 0);
        let mut blocks = BlocksOfBeat::new();
        let mut bytes = self.beat;
        for level in 0..levels(trees) {
            for tree in trees.iter_mut() {
                if level >= tree.level_count() || !bars.is_active(level, beat) {
                    continue;
                }
                let values = tree.commence(level, bytes);
                if values > 0 {
                    blocks.add(values, tree.layout());
                    bytes = bytes.saturating_sub(values * tree.layout().record_size() as u64);
                }
            }
        }
        assert!(bytes == 0, "forest: all work of a beat is some tree's ({bytes} bytes are left)");
        (self.beat > 0).then(|| blocks.total())
    }

    /// The level and the place of the tree that is to go on; none, once the beat is done.
    pub(super) fn current<S: Storage>(
        &mut self,
        bars: Bars,
        beat: u64,
        trees: &[&mut dyn Scheduled<S>],
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
            let Some(tree) = trees.get(place) else {
                self.at = (level + 1, 0);
                continue;
            };
            if level < tree.level_count() && bars.is_active(level, beat) {
                return Some(self.at);
            }
            self.at = (level, place + 1);
        }
    }

    /// The current one did so much at the beat, and is done.
    pub(super) fn done(&mut self, bytes: u64) {
        assert!(bytes <= self.left, "forest: no more is done than was planned ({bytes})");
        self.left -= bytes;
        self.beat = self.beat.saturating_sub(bytes);
        self.at.1 += 1;
    }
}

fn levels<S: Storage>(trees: &[&mut dyn Scheduled<S>]) -> u32 {
    trees.iter().map(|tree| tree.level_count()).max().unwrap_or(0)
}

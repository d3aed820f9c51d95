//! The space of free blocks, which is given back to the owner of the device.
//!
//! - Space is given back once the superblock of a checkpoint is durable: that of the blocks that
//!   are free and of those that this checkpoint frees. No reader needs them, and they could be
//!   overwritten from now on.
//! - The lowest blocks keep their space, because they are acquired first: as many as a quarter of
//!   the blocks in use. The space of the highest blocks is given back first.
//! - Adjacent blocks are given back in one call of the device. A checkpoint makes at most
//!   [`RUNS_MAX`] calls. Later checkpoints give back what is left.
//! - A device that does not support the call is not asked again until the grid is opened again.
//!   After another error, the next checkpoint tries again. No error fails the store: the blocks
//!   keep their space.
//! - When a grid is opened, every block up to the last in use may take space.

use std::io::ErrorKind;

use super::Grid;
use super::free_set::{BlockSet, FreeSet, WORD_BITS};
use crate::storage::{Layout, Storage};

/// Of the blocks in use, one in so many may be free and keep its space.
const KEPT_PART: u64 = 4;

/// The maximum number of calls of the device after a checkpoint.
const RUNS_MAX: usize = 64;

/// The blocks whose bytes take space on the device, free or not.
#[derive(Debug)]
pub(super) struct Held {
    blocks: BlockSet,
    /// The number of words up to the last one with a block, or more.
    words_used: usize,
    /// Whether the device cannot give space back.
    unsupported: bool,
}

impl Held {
    /// Creates an empty set for the blocks of this layout.
    pub(super) fn new(layout: &Layout) -> Self {
        let word_count = layout.block_count().div_ceil(u64::BITS.into()) as usize;
        Self { blocks: BlockSet::new(word_count), words_used: 0, unsupported: false }
    }

    pub(super) fn reset(&mut self) {
        self.blocks.clear(self.words_used);
        self.words_used = 0;
        self.unsupported = false;
    }

    /// Notes that a block is written.
    pub(super) fn insert(&mut self, address: u64) {
        let block = (address - 1) as usize;
        if !self.blocks.contains(block) {
            self.blocks.insert(block);
            self.words_used = self.words_used.max(block / WORD_BITS + 1);
        }
    }

    /// Notes that a free set was opened: every block up to the last in use may have been written.
    pub(super) fn opened(&mut self, free_set: &FreeSet) {
        let count = free_set.highest_address_acquired().unwrap_or(0) as usize;
        self.words_used = count.div_ceil(WORD_BITS);
        let words = &mut self.blocks.words_mut()[..self.words_used];
        words.fill(u64::MAX);
        if !count.is_multiple_of(WORD_BITS) {
            words[self.words_used - 1] = (1 << (count % WORD_BITS)) - 1;
        }
        self.blocks.recount();
    }

    /// The blocks of a word that take space and that the checkpoint does not need, as bits.
    fn unneeded_word(&self, word: usize, free_set: &FreeSet) -> u64 {
        self.blocks.word(word) & free_set.unneeded_word(word)
    }
}

impl<S: Storage> Grid<S> {
    /// The number of blocks that take space on the device: those that are written, and those whose
    /// space was not given back since.
    #[must_use]
    pub fn blocks_held(&self) -> u64 {
        self.held.blocks.count()
    }

    /// Gives the space of blocks back that neither the last checkpoint uses nor anything acquired
    /// since, if the options say so. Call it once the superblock of this checkpoint is durable, and
    /// before [`Grid::mark_checkpoint_durable`].
    ///
    /// # Panics
    ///
    /// If the grid is not open, if its checkpoint is marked as durable, or if a read or write of a
    /// block that becomes free is pending.
    pub fn give_back(&mut self) {
        if !self.options.discard || self.held.unsupported || self.failed.is_some() {
            return;
        }
        for address in self.reads.addresses().chain(self.writes.addresses()) {
            assert!(
                !self.free_set.to_be_freed_at_durability(address),
                "grid: no read or write may be pending for a block that is given back ({address})",
            );
        }
        let words = 0..self.held.words_used;
        let unneeded = |word| self.held.unneeded_word(word, &self.free_set);
        let held: u64 = words.map(|word| u64::from(unneeded(word).count_ones())).sum();
        let in_use = self.free_set.acquired_count() - self.free_set.released_count();
        let mut left = held.saturating_sub(in_use / KEPT_PART);
        let mut end = self.held.words_used * WORD_BITS;
        for _ in 0..RUNS_MAX {
            let Some((first, last)) = self.last_run(end, left) else { break };
            if !self.discard(first, last) {
                break;
            }
            left -= (last - first + 1) as u64;
            end = first;
        }
    }

    /// The last run of adjacent blocks before block `end` that take space and are not needed: at
    /// most `most` of them, from the first to the last, both inclusive.
    fn last_run(&self, end: usize, most: u64) -> Option<(usize, usize)> {
        if most == 0 {
            return None;
        }
        let bits = |word| self.held.unneeded_word(word, &self.free_set);
        let last = {
            let words = (0..end.div_ceil(WORD_BITS)).rev();
            let below = |word: usize| match end - word * WORD_BITS {
                count @ 1..WORD_BITS => bits(word) & ((1 << count) - 1),
                _ => bits(word),
            };
            let found = words.map(|word| (word, below(word))).find(|(_, bits)| *bits != 0);
            let (word, bits) = found?;
            word * WORD_BITS + (WORD_BITS - 1 - bits.leading_zeros() as usize)
        };
        let is_unneeded = |block: &usize| bits(block / WORD_BITS) >> (block % WORD_BITS) & 1 == 1;
        let count = (0..=last).rev().take(most as usize).take_while(is_unneeded).count();
        Some((last + 1 - count, last))
    }

    /// Gives the space of a run of blocks back. Returns whether more can be given back now.
    fn discard(&mut self, first: usize, last: usize) -> bool {
        let offset = self.layout.block(first as u64 + 1).offset;
        let end = self.layout.block(last as u64 + 1).end();
        match self.storage.discard(offset, end - offset) {
            Ok(()) => {
                (first..=last).for_each(|block| self.held.blocks.remove(block));
                self.statistics.discards += 1;
                self.statistics.discarded += (last - first + 1) as u64;
                true
            }
            Err(fault) => {
                self.held.unsupported = fault.kind == ErrorKind::Unsupported;
                self.statistics.discards_failed += u64::from(!self.held.unsupported);
                false
            }
        }
    }
}

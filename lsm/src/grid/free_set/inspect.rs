//! What a free set says of itself, and the check of its invariants.
//!
//! - Nothing here changes anything.
//!
//! What this does not do: it does not repair.

use super::block_set::WORD_BITS;
use super::{Checkpoint, FreeSet, FreeSetOptions, FreeSetStatistics, Phase};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// Nobody's: it may be reserved.
    Free,
    /// Somebody's.
    Acquired,
    /// Released while the checkpoint was durable, or a checkpoint ago.
    Released,
    /// Released while the checkpoint was not durable.
    Staged,
}

impl FreeSet {
    /// The sizes.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &FreeSetOptions {
        &self.options
    }

    /// Whether it was opened.
    #[must_use]
    #[inline]
    pub fn is_open(&self) -> bool {
        self.checkpoint != Checkpoint::Unknown
    }

    /// Whether it is open, and its checkpoint durable.
    #[must_use]
    #[inline]
    pub fn is_durable(&self) -> bool {
        self.checkpoint == Checkpoint::Durable
    }

    /// Whether a reservation can be made, if enough blocks are free: it is open, no reservation was forfeited
    /// while others are out, and no more may be out.
    #[must_use]
    #[inline]
    pub fn is_reserving(&self) -> bool {
        self.is_open()
            && self.phase == Phase::Reserving
            && self.reservation_count < self.options.reservation_count_max
    }

    /// What a block is. Of a set that is not open, every block counts as acquired: it may be.
    ///
    /// # Panics
    ///
    /// If there is no block of this address.
    #[must_use]
    #[inline]
    pub fn state(&self, address: u64) -> BlockState {
        let block = self.block(address);
        if !self.is_open() {
            BlockState::Acquired
        } else if !self.acquired.contains(block) {
            BlockState::Free
        } else if self.released.contains(block) {
            BlockState::Released
        } else if self.staged.contains(block) {
            BlockState::Staged
        } else {
            BlockState::Acquired
        }
    }

    /// Every block that is not free, and what it is, in ascending order of addresses. Takes time in proportion to
    /// these, and little for 64 free blocks side by side.
    ///
    /// # Panics
    ///
    /// If it is not open.
    pub fn in_use(&self) -> impl Iterator<Item = (u64, BlockState)> + '_ {
        assert!(self.is_open(), "free_set: it must be open to tell what is in use");
        let words = self.acquired.words()[..self.words_used].iter().enumerate();
        let blocks = words.filter(|(_, bits)| **bits != 0).flat_map(|(word, bits)| {
            let left = std::iter::successors(Some(*bits), |bits| Some(bits & bits.wrapping_sub(1)));
            let left = left.take_while(|bits| *bits != 0);
            left.map(move |bits| (word * WORD_BITS) as u64 + u64::from(bits.trailing_zeros()))
        });
        blocks.map(|block| (block + 1, self.state(block + 1)))
    }

    /// Whether a block is free, reserved or not. Of a set that is not open, none is.
    ///
    /// # Panics
    ///
    /// If there is no block of this address.
    #[must_use]
    #[inline]
    pub fn is_free(&self, address: u64) -> bool {
        self.state(address) == BlockState::Free
    }

    /// Whether a block was released, and is not free yet.
    ///
    /// # Panics
    ///
    /// If there is no block of this address.
    #[must_use]
    #[inline]
    pub fn is_released(&self, address: u64) -> bool {
        matches!(self.state(address), BlockState::Released | BlockState::Staged)
    }

    /// Whether a block becomes free as soon as the checkpoint is durable: nobody may write to it any more.
    ///
    /// # Panics
    ///
    /// If there is no block of this address, or the checkpoint is durable.
    #[must_use]
    #[inline]
    pub fn to_be_freed_at_durability(&self, address: u64) -> bool {
        assert!(
            self.checkpoint == Checkpoint::NotDurable,
            "free_set: blocks are freed only by a checkpoint that is not durable yet",
        );
        self.state(address) == BlockState::Released
    }

    /// The blocks, free or not. Addresses are from 1 to this.
    #[must_use]
    #[inline]
    pub fn block_count(&self) -> u64 {
        self.options.block_count
    }

    /// The blocks that are free, those reserved included.
    #[must_use]
    #[inline]
    pub fn free_count(&self) -> u64 {
        self.options.block_count - self.acquired.count()
    }

    /// The free blocks that reservations can still acquire.
    #[must_use]
    #[inline]
    pub fn reserved_count(&self) -> u64 {
        self.reserved_count
    }

    /// The blocks that are not free: those released and staged, too.
    #[must_use]
    #[inline]
    pub fn acquired_count(&self) -> u64 {
        self.acquired.count()
    }

    /// The blocks that are released, and not staged.
    #[must_use]
    #[inline]
    pub fn released_count(&self) -> u64 {
        self.released.count()
    }

    /// The blocks that are staged.
    #[must_use]
    #[inline]
    pub fn staged_count(&self) -> u64 {
        self.staged.count()
    }

    /// The reservations that are out.
    #[must_use]
    #[inline]
    pub fn reservation_count(&self) -> u32 {
        self.reservation_count
    }

    /// What happened since construction or the latest reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &FreeSetStatistics {
        &self.statistics
    }

    /// Checks all invariants. Takes time in proportion to the blocks, free or not.
    ///
    /// # Panics
    ///
    /// If one is broken; the message says which.
    pub fn verify(&self) {
        for set in [&self.acquired, &self.released, &self.staged] {
            set.verify();
        }
        for word in 0..self.options.word_count() {
            self.verify_word(word);
        }
        for shard in 0..self.full.shard_count() {
            assert!(
                self.full.contains(shard) == (self.is_open() && self.shard_is_full(shard)),
                "free_set: the full shards must be those without a free block (shard {shard})",
            );
        }
        assert!(
            self.highest_address_acquired().is_none_or(|address| {
                self.acquired.contains((address - 1) as usize)
                    && self.words_used == (address as usize).div_ceil(WORD_BITS)
            }),
            "free_set: no word must be used behind the last acquired block",
        );
        assert!(
            self.is_open() || self.acquired.count() == 0,
            "free_set: a set that is not open must be empty",
        );
        assert!(
            self.checkpoint != Checkpoint::Durable || self.staged.count() == 0,
            "free_set: no block must be staged while the checkpoint is durable",
        );
        self.verify_reservations();
    }

    fn verify_word(&self, word: usize) {
        let (acquired, released) = (self.acquired.word(word), self.released.word(word));
        let staged = self.staged.word(word);
        assert!(
            acquired & !self.mask(word) == 0,
            "free_set: no block must be acquired beyond the last",
        );
        assert!(
            (released | staged) & !acquired == 0,
            "free_set: a released block must be acquired",
        );
        assert!(released & staged == 0, "free_set: a staged block must not be released");
        assert!(
            word < self.words_used || acquired == 0,
            "free_set: no block must be acquired behind the words in use",
        );
    }

    fn verify_reservations(&self) {
        assert!(
            self.reserved_count <= self.free_count(),
            "free_set: a reserved block must be free",
        );
        assert!(
            self.reservation_count > 0
                || (self.phase == Phase::Reserving && self.cursor == 0 && self.reserved_count == 0),
            "free_set: without a reservation, the next must start at the first block",
        );
    }
}

//! Read access to the state of a free set, and the check of its invariants.

use super::block_set::WORD_BITS;
use super::{Checkpoint, FreeSet, FreeSetOptions, FreeSetStatistics, ReservationPhase};

/// The state of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// Free: it may be reserved.
    Free,
    /// Acquired and not released.
    Acquired,
    /// Released while the checkpoint was durable, or staged before the checkpoint became durable.
    Released,
    /// Released while the checkpoint was not durable.
    Staged,
}

impl FreeSet {
    /// Returns the sizes.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &FreeSetOptions {
        &self.options
    }

    /// Returns whether the set is open.
    #[must_use]
    #[inline]
    pub fn is_open(&self) -> bool {
        self.checkpoint != Checkpoint::Unknown
    }

    /// Returns whether the set is open and its checkpoint is durable.
    #[must_use]
    #[inline]
    pub fn is_durable(&self) -> bool {
        self.checkpoint == Checkpoint::Durable
    }

    /// Returns whether a reservation may be made if enough blocks are free: the set is open, no
    /// reservation was forfeited while others are open, and the limit of reservations is not
    /// reached.
    #[must_use]
    #[inline]
    pub fn is_reserving(&self) -> bool {
        self.is_open()
            && self.phase == ReservationPhase::Reserving
            && self.reservation_count < self.options.reservation_count_max
    }

    /// Returns the state of a block. If the set is not open, returns `Acquired` for every block.
    ///
    /// # Panics
    ///
    /// If there is no block at this address.
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

    /// Iterates over the blocks that are not free, with their states, in ascending order of
    /// addresses. The time is proportional to the number of these blocks plus a 64th of the number
    /// of blocks up to the last of them.
    ///
    /// # Panics
    ///
    /// If the set is not open.
    pub fn in_use(&self) -> impl Iterator<Item = (u64, BlockState)> + '_ {
        assert!(self.is_open(), "free_set: it must be open to list the blocks in use");
        let words = self.acquired.words()[..self.words_used].iter().enumerate();
        let blocks = words.filter(|(_, bits)| **bits != 0).flat_map(|(word, bits)| {
            let left = std::iter::successors(Some(*bits), |bits| Some(bits & bits.wrapping_sub(1)));
            let left = left.take_while(|bits| *bits != 0);
            left.map(move |bits| (word * WORD_BITS) as u64 + u64::from(bits.trailing_zeros()))
        });
        blocks.map(|block| (block + 1, self.state(block + 1)))
    }

    /// Returns whether a block is free, whether it is reserved or not. If the set is not open, no
    /// block is free.
    ///
    /// # Panics
    ///
    /// If there is no block at this address.
    #[must_use]
    #[inline]
    pub fn is_free(&self, address: u64) -> bool {
        self.state(address) == BlockState::Free
    }

    /// Returns whether a block is released or staged: it is not free yet.
    ///
    /// # Panics
    ///
    /// If there is no block at this address.
    #[must_use]
    #[inline]
    pub fn is_released(&self, address: u64) -> bool {
        matches!(self.state(address), BlockState::Released | BlockState::Staged)
    }

    /// Returns whether a block becomes free when the current checkpoint becomes durable. Such a
    /// block must not be written.
    ///
    /// # Panics
    ///
    /// If the set is not open, if its checkpoint is already durable, or if there is no block at
    /// this address.
    #[must_use]
    #[inline]
    pub fn to_be_freed_at_durability(&self, address: u64) -> bool {
        assert!(
            self.checkpoint == Checkpoint::NotDurable,
            "free_set: blocks are freed only by a checkpoint that is not durable yet",
        );
        self.state(address) == BlockState::Released
    }

    /// Returns the number of blocks, free or not. Addresses are from 1 to this number, inclusive.
    #[must_use]
    #[inline]
    pub fn block_count(&self) -> u64 {
        self.options.block_count
    }

    /// Returns the number of free blocks, reserved ones included.
    #[must_use]
    #[inline]
    pub fn free_count(&self) -> u64 {
        self.options.block_count - self.acquired.count()
    }

    /// Returns the number of free blocks that reservations can still acquire.
    #[must_use]
    #[inline]
    pub fn reserved_count(&self) -> u64 {
        self.reserved_count
    }

    /// Returns the number of blocks that are not free, released and staged ones included.
    #[must_use]
    #[inline]
    pub fn acquired_count(&self) -> u64 {
        self.acquired.count()
    }

    /// Returns the number of released blocks, without the staged ones.
    #[must_use]
    #[inline]
    pub fn released_count(&self) -> u64 {
        self.released.count()
    }

    /// Returns the number of staged blocks.
    #[must_use]
    #[inline]
    pub fn staged_count(&self) -> u64 {
        self.staged.count()
    }

    /// Returns the number of open reservations.
    #[must_use]
    #[inline]
    pub fn reservation_count(&self) -> u32 {
        self.reservation_count
    }

    /// Returns the counters since construction or the last reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &FreeSetStatistics {
        &self.statistics
    }

    /// Checks all invariants, in time proportional to the number of blocks.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        for set in [&self.acquired, &self.released, &self.staged] {
            set.verify();
        }
        for word in 0..self.options.word_count() {
            self.verify_word(word);
        }
        for shard in 0..=self.shard(self.options.word_count() - 1) {
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
            "free_set: no word after the last acquired block may be in use",
        );
        assert!(
            self.is_open() || self.acquired.count() == 0,
            "free_set: a set that is not open must be empty",
        );
        assert!(
            self.checkpoint != Checkpoint::Durable || self.staged.count() == 0,
            "free_set: no block may be staged while the checkpoint is durable",
        );
        self.verify_reservations();
    }

    fn verify_word(&self, word: usize) {
        let (acquired, released) = (self.acquired.word(word), self.released.word(word));
        let staged = self.staged.word(word);
        assert!(
            acquired & !self.mask(word) == 0,
            "free_set: no block may be acquired beyond the last",
        );
        assert!(
            (released | staged) & !acquired == 0,
            "free_set: a released block must be acquired",
        );
        assert!(released & staged == 0, "free_set: a staged block must not be released");
        assert!(
            word < self.words_used || acquired == 0,
            "free_set: no block after the words in use may be acquired",
        );
    }

    fn verify_reservations(&self) {
        assert!(
            self.reserved_count <= self.free_count(),
            "free_set: a reserved block must be free",
        );
        assert!(
            self.reservation_count > 0
                || (self.phase == ReservationPhase::Reserving
                    && self.cursor == 0
                    && self.reserved_count == 0),
            "free_set: without a reservation, the next must start at the first block",
        );
    }
}

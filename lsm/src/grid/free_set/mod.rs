//! The free set: the states of the blocks of a store.
//!
//! ```text
//! free --acquire--> acquired --release--> released    if the current checkpoint is durable
//!                            --release--> staged      if it is not
//!
//! when the current checkpoint becomes durable:   released --> free,   staged --> released
//! ```
//!
//! - A block that a checkpoint refers to is not freed before a later checkpoint is durable. A block
//!   that is released while checkpoint n is durable becomes free once checkpoint n + 1 is durable.
//!   A block that is released while checkpoint n is not yet durable also becomes free once
//!   checkpoint n + 1 is durable, not earlier.
//! - Addresses do not depend on the order in which jobs acquire blocks. Each job reserves all
//!   blocks that it may need, and acquires the lowest free block of its reservation. The jobs
//!   reserve in a fixed order, and all jobs reserve before any job forfeits.
//! - The lowest free blocks are taken first, so that the used part of the device stays dense and
//!   the encoded sets stay short.
//! - The constructor allocates all memory.
//!
//! ```text
//! acquired   1 1 1 0 1 1 0 ..     not free: released and staged blocks included
//! released   0 1 0 0 0 0 0 ..     released and staged are disjoint subsets of acquired
//! staged     0 0 0 0 1 0 0 ..
//! full       1 0 ..               one bit per shard: a group of words of the sets above
//! ```
//!
//! A checkpoint does the following:
//!
//! 1. Encode the sets with [`FreeSet::encode_acquired`] and [`FreeSet::encode_released`].
//! 2. Reserve, acquire and forfeit the blocks for the encoded sets.
//! 3. Write these blocks and the superblock.
//! 4. Call [`FreeSet::mark_checkpoint_not_durable`].
//! 5. Release the blocks of the encoded sets. This stages them, because they are needed as long as
//!    this checkpoint is needed.
//! 6. Call [`FreeSet::mark_checkpoint_durable`] once a crash cannot lose the checkpoint.
//!
//! [`FreeSet::open`] adds the blocks of the encoded sets, which are not in the sets themselves.
//!
//! Files: `options` has the sizes, `reservation` the blocks of a job, `block_set` and `full_shards`
//! the bits, `checkpoint` the effects of checkpoints, `codec` the encoding of sets, and
//! `statistics` the counters. `inspect` reads and checks the state.

mod block_set;
mod checkpoint;
mod codec;
mod full_shards;
mod inspect;
mod options;
mod reservation;
mod statistics;

pub(crate) use block_set::{BlockSet, WORD_BITS};
pub use inspect::BlockState;
pub use options::{FreeSetOptions, InvalidFreeSet};
pub use reservation::Reservation;
pub use statistics::FreeSetStatistics;

use full_shards::FullShards;

use crate::check::verify;

/// The states of the blocks of a store; see the [module](self).
#[derive(Debug)]
pub struct FreeSet {
    /// The sizes. The number of blocks is the present one, at most `block_count_max`.
    options: FreeSetOptions,
    /// The number of blocks for which there is memory.
    block_count_max: u64,
    acquired: BlockSet,
    released: BlockSet,
    staged: BlockSet,
    full: FullShards,
    /// The number of words up to the last one with an acquired block, inclusive.
    words_used: usize,
    checkpoint: Checkpoint,
    phase: ReservationPhase,
    /// The number of open reservations.
    reservation_count: u32,
    /// The number of free blocks that the open reservations can still acquire.
    reserved_count: u64,
    /// The block where the next reservation starts: the end of the last one.
    cursor: usize,
    /// The number of times that all reservations were forfeited or the set was reset.
    session: u64,
    statistics: FreeSetStatistics,
}

/// The durability of the checkpoint from which the set was last opened or for which it was last
/// encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checkpoint {
    /// Unknown: the set is not open.
    Unknown,
    /// The checkpoint may be lost in a crash. In this case the previous checkpoint is the last.
    NotDurable,
    /// The checkpoint is durable.
    Durable,
}

/// The phase of reservations. Once a reservation is forfeited, no reservation is made until all are
/// forfeited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReservationPhase {
    Reserving,
    Forfeiting,
}

impl FreeSet {
    /// Creates a set that is not open. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid; see [`FreeSetOptions::validate`].
    pub fn new(options: FreeSetOptions) -> Result<Self, InvalidFreeSet> {
        options.validate()?;
        let word_count = options.word_count();
        let shard_count = options.block_count.div_ceil(u64::from(options.shard_size)) as usize;
        Ok(Self {
            options,
            block_count_max: options.block_count,
            acquired: BlockSet::new(word_count),
            released: BlockSet::new(word_count),
            staged: BlockSet::new(word_count),
            full: FullShards::new(shard_count),
            words_used: 0,
            checkpoint: Checkpoint::Unknown,
            phase: ReservationPhase::Reserving,
            reservation_count: 0,
            reserved_count: 0,
            cursor: 0,
            session: 0,
            statistics: FreeSetStatistics::default(),
        })
    }

    /// Returns the set to its initial state, in time proportional to the highest acquired address.
    /// Open reservations become invalid.
    pub fn reset(&mut self) {
        let Self {
            options,
            block_count_max,
            acquired,
            released,
            staged,
            full,
            words_used,
            checkpoint,
            phase,
            reservation_count,
            reserved_count,
            cursor,
            session,
            statistics,
        } = self;
        options.block_count = *block_count_max;
        for set in [acquired, released, staged] {
            set.clear(*words_used);
        }
        full.clear(full.shard_count().min(*words_used));
        *words_used = 0;
        *checkpoint = Checkpoint::Unknown;
        *phase = ReservationPhase::Reserving;
        *reservation_count = 0;
        *reserved_count = 0;
        *cursor = 0;
        *session += 1;
        *statistics = FreeSetStatistics::default();
    }

    /// Reduces a set that is not open to its first `block_count` blocks, until [`FreeSet::grow`].
    ///
    /// # Panics
    ///
    /// If the set is open, or has fewer blocks.
    pub fn limit(&mut self, block_count: u64) {
        assert!(
            self.checkpoint == Checkpoint::Unknown,
            "free_set: an open set must keep its blocks ({block_count})",
        );
        assert!(
            (1..=self.block_count_max).contains(&block_count),
            "free_set: a set must have memory for its blocks ({block_count}, {})",
            self.block_count_max,
        );
        self.options.block_count = block_count;
    }

    /// Adds the blocks that [`FreeSet::limit`] took away. They are free. Open reservations stay
    /// valid.
    ///
    /// # Panics
    ///
    /// If the set is not open.
    pub fn grow(&mut self) {
        self.assert_open();
        let last = (self.options.block_count - 1) as usize / WORD_BITS;
        self.options.block_count = self.block_count_max;
        // The shard of the last block was full without the blocks that are added to it.
        let shard = self.shard(last);
        if self.full.contains(shard) && !self.shard_is_full(shard) {
            self.full.remove(shard);
            self.statistics.shards_opened += 1;
        }
        verify!(self.verify());
    }

    /// Reserves `count` free blocks for one job: the lowest free blocks after those that are
    /// already reserved. Returns `None` if fewer unreserved blocks are free.
    ///
    /// # Panics
    ///
    /// If the set is not open, if `count` is 0, if a reservation was forfeited while others are
    /// still open, or if the limit of open reservations is reached.
    pub fn reserve(&mut self, count: u64) -> Option<Reservation> {
        self.assert_open();
        assert!(count > 0, "free_set: a reservation must be for a block or more");
        assert!(
            self.phase == ReservationPhase::Reserving,
            "free_set: all reservations must be forfeited before others are made ({} are out)",
            self.reservation_count,
        );
        assert!(
            self.reservation_count < self.options.reservation_count_max,
            "free_set: no more than {} reservations may be out",
            self.options.reservation_count_max,
        );
        if count > self.free_count() - self.reserved_count {
            self.statistics.reservations_refused += 1;
            return None;
        }
        let end = self.end_of_free(self.cursor, count);
        let reservation =
            Reservation { next: self.cursor, end, remaining: count, session: self.session };
        self.cursor = end;
        self.reservation_count += 1;
        self.reserved_count += count;
        self.statistics.reservations += 1;
        Some(reservation)
    }

    /// Acquires the lowest free block of a reservation. Returns `None` if all of its blocks are
    /// acquired.
    ///
    /// # Panics
    ///
    /// If the set was reset since the reservation was made.
    #[inline]
    pub fn acquire(&mut self, reservation: &mut Reservation) -> Option<u64> {
        self.assert_current(reservation);
        if reservation.remaining == 0 {
            return None;
        }
        let block = self.next_free(reservation.next);
        assert!(
            block < reservation.end,
            "free_set: a reservation must have as many free blocks as it counts ({} are left)",
            reservation.remaining,
        );
        reservation.next = block + 1;
        reservation.remaining -= 1;
        self.reserved_count -= 1;
        self.insert_acquired(block);
        self.statistics.blocks_acquired += 1;
        Some(block as u64 + 1)
    }

    /// Forfeits a reservation: its blocks that were not acquired are no longer reserved. Once a
    /// reservation is forfeited, no reservation can be made until all are forfeited.
    ///
    /// # Panics
    ///
    /// If the set was reset since the reservation was made.
    #[expect(clippy::needless_pass_by_value, reason = "a forfeited reservation is invalid")]
    pub fn forfeit(&mut self, reservation: Reservation) {
        self.assert_current(&reservation);
        self.phase = ReservationPhase::Forfeiting;
        self.reservation_count -= 1;
        self.reserved_count -= reservation.remaining;
        self.statistics.blocks_forfeited += reservation.remaining;
        if self.reservation_count == 0 {
            assert!(
                self.reserved_count == 0,
                "free_set: without a reservation, no block may be reserved ({} are)",
                self.reserved_count,
            );
            self.phase = ReservationPhase::Reserving;
            self.cursor = 0;
            self.session += 1;
        }
    }

    /// Releases an acquired block. The block becomes free with a later checkpoint; see the
    /// [module](self).
    ///
    /// # Panics
    ///
    /// If the set is not open, or the block is not acquired or is released already.
    #[inline]
    pub fn release(&mut self, address: u64) {
        self.assert_open();
        let block = self.block(address);
        assert!(
            self.acquired.contains(block),
            "free_set: a free block must not be released (address {address})",
        );
        assert!(
            !self.released.contains(block) && !self.staged.contains(block),
            "free_set: a block must be released once (address {address})",
        );
        if self.checkpoint == Checkpoint::Durable {
            self.released.insert(block);
            self.statistics.blocks_released += 1;
        } else {
            self.staged.insert(block);
            self.statistics.blocks_staged += 1;
        }
    }

    /// Returns the number of the block at this address, counted from 0.
    #[inline]
    fn block(&self, address: u64) -> usize {
        let count = self.options.block_count;
        assert!(
            (1..=count).contains(&address),
            "free_set: an address must be from 1 to {count} (address {address})",
        );
        (address - 1) as usize
    }

    #[inline]
    fn assert_open(&self) {
        assert!(self.checkpoint != Checkpoint::Unknown, "free_set: the set must be open");
    }

    #[inline]
    fn assert_current(&self, reservation: &Reservation) {
        assert!(
            reservation.session == self.session && self.reservation_count > 0,
            "free_set: a reservation must be made in the current session (session {}, now {})",
            reservation.session,
            self.session,
        );
    }

    #[inline]
    fn insert_acquired(&mut self, block: usize) {
        self.acquired.insert(block);
        let word = block / WORD_BITS;
        self.words_used = self.words_used.max(word + 1);
        if self.free_bits(word) == 0 {
            let shard = self.shard(word);
            if self.shard_is_full(shard) {
                self.full.insert(shard);
                self.statistics.shards_filled += 1;
            }
        }
    }

    /// Returns the free blocks of a word, as bits.
    #[inline]
    fn free_bits(&self, word: usize) -> u64 {
        !self.acquired.word(word) & self.mask(word)
    }

    /// Returns the existing blocks of a word, as bits. The last word may have fewer than 64.
    #[inline]
    fn mask(&self, word: usize) -> u64 {
        let used = self.options.block_count - (word * WORD_BITS) as u64;
        if used < u64::from(u64::BITS) { (1 << used) - 1 } else { u64::MAX }
    }

    #[inline]
    fn words_per_shard(&self) -> usize {
        self.options.shard_size as usize / WORD_BITS
    }

    /// Returns the shard of a word.
    #[inline]
    fn shard(&self, word: usize) -> usize {
        word / self.words_per_shard()
    }

    #[inline]
    fn shard_is_full(&self, shard: usize) -> bool {
        let first = shard * self.words_per_shard();
        let end = (first + self.words_per_shard()).min(self.options.word_count());
        (first..end).all(|word| self.free_bits(word) == 0)
    }

    /// Returns the next word from `word` on that is not in a full shard. There must be such a word.
    #[inline]
    fn next_word_with_room(&self, word: usize) -> usize {
        let shard = self.full.next_with_room(self.shard(word));
        let shard = shard.expect("free_set: a shard has room while a block is free");
        word.max(shard * self.words_per_shard())
    }

    /// Returns the lowest free block from `block` on. There must be such a block.
    #[inline]
    fn next_free(&self, block: usize) -> usize {
        let mut word = block / WORD_BITS;
        let mut bits = self.free_bits(word) & (u64::MAX << (block % WORD_BITS));
        while bits == 0 {
            word = self.next_word_with_room(word + 1);
            bits = self.free_bits(word);
        }
        word * WORD_BITS + bits.trailing_zeros() as usize
    }

    /// Returns the end of the shortest range from `block` on that has `count` free blocks. There
    /// must be such a range.
    fn end_of_free(&self, block: usize, count: u64) -> usize {
        let mut block = block;
        let mut left = count;
        loop {
            block = self.next_free(block);
            let word = block / WORD_BITS;
            let mut bits = self.free_bits(word) & (u64::MAX << (block % WORD_BITS));
            let free = u64::from(bits.count_ones());
            if free >= left {
                // Clears the lowest bits, except that of the last block in the range.
                (1..left).for_each(|_| bits &= bits - 1);
                return word * WORD_BITS + bits.trailing_zeros() as usize + 1;
            }
            left -= free;
            block = (word + 1) * WORD_BITS;
        }
    }
}

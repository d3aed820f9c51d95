//! Which blocks are free: reserved, acquired, released, and free again once no checkpoint needs them.
//!
//! ```text
//! free --acquire--> acquired --release--> released    if the current checkpoint is durable
//!                            --release--> staged      if it is not
//!
//! when the current checkpoint becomes durable:   released --> free,   staged --> released
//! ```
//!
//! - A block that a checkpoint refers to stays as it is until a later checkpoint is durable: what is released
//!   while checkpoint n is durable is free once n + 1 is; what is released while n is not durable yet, and may
//!   be lost, is free once n + 1 is durable, too, and not when n is.
//! - Addresses do not depend on who asks first: each job reserves all that it may need, in an order that is
//!   always the same, and acquires the lowest of its own. All reserve before any forfeits.
//! - The lowest free blocks are taken first, so that the device stays dense and the encoded sets stay short.
//! - All memory is allocated by the constructor.
//!
//! ```text
//! acquired   1 1 1 0 1 1 0 ..     not free: released and staged blocks, too
//! released   0 1 0 0 0 0 0 ..     both of these are parts of the first, and have no block in common
//! staged     0 0 0 0 1 0 0 ..
//! full       1 0 ..               a bit a shard, which is some words of the above
//! ```
//!
//! A checkpoint, by who writes it: [`FreeSet::encode_acquired`] and [`FreeSet::encode_released`]; blocks for what
//! they wrote reserved, acquired, forfeited; all that and the root written; then
//! [`FreeSet::mark_checkpoint_not_durable`], and the blocks of the encoded sets released, which stages them: they
//! must last as long as this checkpoint. Once nothing can be lost any more,
//! [`FreeSet::mark_checkpoint_durable`]. [`FreeSet::open`] knows that these blocks are not in the sets that they
//! hold.
//!
//! What this does not do: it reads and writes nothing, and it does not know what is in a block.
//!
//! Files: `options` is the sizes, `reservation` what a job holds, `block_set` and `full_shards` the bits,
//! `checkpoint` what becomes of blocks, and the encoded sets, `codec` their form, `inspect` what can be asked,
//! `statistics` the counters.

mod block_set;
mod checkpoint;
mod codec;
mod full_shards;
mod inspect;
mod options;
mod reservation;
mod statistics;

pub(crate) use block_set::BlockSet;
pub use inspect::BlockState;
pub use options::{FreeSetOptions, InvalidFreeSet};
pub use reservation::Reservation;
pub use statistics::FreeSetStatistics;

use block_set::WORD_BITS;
use full_shards::FullShards;

/// The blocks of a store, free or not; see the [module](self).
#[derive(Debug)]
pub struct FreeSet {
    options: FreeSetOptions,
    acquired: BlockSet,
    released: BlockSet,
    staged: BlockSet,
    full: FullShards,
    /// Words up to the last one that has an acquired block.
    words_used: usize,
    checkpoint: Checkpoint,
    phase: Phase,
    /// Reservations that are out.
    reservation_count: u32,
    /// Free blocks that they can still acquire.
    reserved_count: u64,
    /// Where the next reservation starts: behind the last one.
    cursor: usize,
    /// Goes up when no reservation is out any more.
    session: u64,
    statistics: FreeSetStatistics,
}

/// What is known of the checkpoint that the set was opened from or encoded for last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checkpoint {
    /// Nothing: the set is not open.
    Unknown,
    /// It may be lost, and the one before it be the last.
    NotDurable,
    /// It stays.
    Durable,
}

/// Reservations are made, then forfeited, all of them, before others are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reserving,
    Forfeiting,
}

impl FreeSet {
    /// A set that is to be opened. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`FreeSetOptions::validate`] refuses the options.
    pub fn new(options: FreeSetOptions) -> Result<Self, InvalidFreeSet> {
        options.validate()?;
        let word_count = options.word_count();
        let shard_count = options.block_count.div_ceil(u64::from(options.shard_size)) as usize;
        Ok(Self {
            options,
            acquired: BlockSet::new(word_count),
            released: BlockSet::new(word_count),
            staged: BlockSet::new(word_count),
            full: FullShards::new(shard_count),
            words_used: 0,
            checkpoint: Checkpoint::Unknown,
            phase: Phase::Reserving,
            reservation_count: 0,
            reserved_count: 0,
            cursor: 0,
            session: 0,
            statistics: FreeSetStatistics::default(),
        })
    }

    /// Makes it as new, in time in proportion to the highest address acquired. Reservations that are out end.
    pub fn reset(&mut self) {
        let Self {
            options: _,
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
        for set in [acquired, released, staged] {
            set.clear(*words_used);
        }
        full.clear(full.shard_count().min(*words_used));
        *words_used = 0;
        *checkpoint = Checkpoint::Unknown;
        *phase = Phase::Reserving;
        *reservation_count = 0;
        *reserved_count = 0;
        *cursor = 0;
        *session += 1;
        *statistics = FreeSetStatistics::default();
    }

    /// Keeps `count` free blocks for one job: the lowest that are not reserved. `None` if there are fewer.
    ///
    /// # Panics
    ///
    /// If the set is not open, `count` is 0, a reservation was forfeited and others are still out, or more are
    /// out than the options allow.
    pub fn reserve(&mut self, count: u64) -> Option<Reservation> {
        self.assert_open();
        assert!(count > 0, "free_set: a reservation must be for a block or more");
        assert!(
            self.phase == Phase::Reserving,
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

    /// Takes the lowest free block of a reservation. `None` if all are taken.
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
            "free_set: a reservation must have the free blocks that it says ({} are left)",
            reservation.remaining,
        );
        reservation.next = block + 1;
        reservation.remaining -= 1;
        self.reserved_count -= 1;
        self.insert_acquired(block);
        self.statistics.blocks_acquired += 1;
        Some(block as u64 + 1)
    }

    /// Takes a reservation back, with what was not acquired of it. From the first to the last that is out, no
    /// other can be made.
    ///
    /// # Panics
    ///
    /// If the set was reset since the reservation was made.
    #[expect(clippy::needless_pass_by_value, reason = "nobody can use it any more")]
    pub fn forfeit(&mut self, reservation: Reservation) {
        self.assert_current(&reservation);
        self.phase = Phase::Forfeiting;
        self.reservation_count -= 1;
        self.reserved_count -= reservation.remaining;
        self.statistics.blocks_forfeited += reservation.remaining;
        if self.reservation_count == 0 {
            assert!(
                self.reserved_count == 0,
                "free_set: no block must be reserved by nobody ({} are)",
                self.reserved_count,
            );
            self.phase = Phase::Reserving;
            self.cursor = 0;
            self.session += 1;
        }
    }

    /// Gives an acquired block back. It becomes free with a later checkpoint, as the [module](self) says.
    ///
    /// # Panics
    ///
    /// If the set is not open, or the block is not acquired, or was released before.
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

    /// The number of a block, from 0.
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
            "free_set: a reservation must be of the set as it is (session {}, now {})",
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

    /// The free blocks of a word, as bits.
    #[inline]
    fn free_bits(&self, word: usize) -> u64 {
        !self.acquired.word(word) & self.mask(word)
    }

    /// The blocks that there are in a word, as bits: in the last one, they may be fewer.
    #[inline]
    fn mask(&self, word: usize) -> u64 {
        let used = self.options.block_count - (word * WORD_BITS) as u64;
        if used < u64::from(u64::BITS) { (1 << used) - 1 } else { u64::MAX }
    }

    #[inline]
    fn words_per_shard(&self) -> usize {
        self.options.shard_size as usize / WORD_BITS
    }

    /// The shard that a word belongs to.
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

    /// The next word from `word` on that is not in a full shard. There is one.
    #[inline]
    fn next_word_with_room(&self, word: usize) -> usize {
        let shard = self.full.next_with_room(self.shard(word));
        let shard = shard.expect("free_set: a shard has room while a block is free");
        word.max(shard * self.words_per_shard())
    }

    /// The lowest free block from `block` on. There is one.
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

    /// The end of the shortest range from `block` on that has `count` free blocks. There are as many.
    fn end_of_free(&self, block: usize, count: u64) -> usize {
        let mut block = block;
        let mut left = count;
        loop {
            block = self.next_free(block);
            let word = block / WORD_BITS;
            let mut bits = self.free_bits(word) & (u64::MAX << (block % WORD_BITS));
            let free = u64::from(bits.count_ones());
            if free >= left {
                // Clears the lowest that is set, up to the last of those wanted.
                (1..left).for_each(|_| bits &= bits - 1);
                return word * WORD_BITS + bits.trailing_zeros() as usize + 1;
            }
            left -= free;
            block = (word + 1) * WORD_BITS;
        }
    }
}

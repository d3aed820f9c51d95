//! The effects of checkpoints on blocks, and the sets that a checkpoint contains.
//!
//! - The sets are encoded while no block is reserved or staged, so the acquired set and the
//!   released set describe all blocks.
//! - The blocks that contain the encoded sets are acquired after encoding, so these sets do not
//!   include them. The caller passes their addresses when it opens the free set.
//! - The encoded sets may be invalid. In this case opening returns a [`Reason::Meaning`] and resets
//!   the free set.
//!
//! The caller decides when a checkpoint is durable.

use super::block_set::WORD_BITS;
use super::{Checkpoint, FreeSet, codec};
use crate::block::Reason;
use crate::check::verify;

/// The errors of sets that can be decoded, but contradict each other or the addresses of the
/// trailers.
const RELEASED_NOT_ACQUIRED: Reason = Reason::Meaning("a block is released and not acquired");
const TRAILER_BEYOND_LAST: Reason =
    Reason::Meaning("a block that stores the free set has an invalid address");
const TRAILER_ACQUIRED: Reason =
    Reason::Meaning("a block that stores the free set is in use for something else");

impl FreeSet {
    /// Opens the free set from the encoded sets, each split into pieces of any sizes. A store
    /// without a checkpoint has empty sets. `trailers` are the addresses of the blocks that contain
    /// the encoded sets: these blocks become acquired and staged. The checkpoint is treated as not
    /// durable until [`FreeSet::mark_checkpoint_durable`] is called.
    ///
    /// # Errors
    ///
    /// Returns a [`Reason::Meaning`] if the sets or the addresses are invalid. In this case the
    /// free set is reset.
    ///
    /// # Panics
    ///
    /// If the free set is open.
    pub fn open<'a, 'b>(
        &mut self,
        acquired: impl IntoIterator<Item = &'a [u8]>,
        released: impl IntoIterator<Item = &'b [u8]>,
        trailers: impl IntoIterator<Item = u64>,
    ) -> Result<(), Reason> {
        assert!(
            self.checkpoint == Checkpoint::Unknown,
            "free_set: a set must be reset before it is opened again",
        );
        let word_count = self.options.word_count();
        // Decoding may set bits anywhere.
        self.words_used = word_count;
        let opened = self.read(acquired.into_iter(), released.into_iter(), trailers.into_iter());
        if opened.is_err() {
            self.reset();
            return opened;
        }
        self.trim();
        for shard in 0..=self.shard(word_count - 1) {
            if self.shard_is_full(shard) {
                self.full.insert(shard);
            }
        }
        self.checkpoint = Checkpoint::NotDurable;
        verify!(self.verify());
        Ok(())
    }

    fn read<'a, 'b>(
        &mut self,
        acquired: impl Iterator<Item = &'a [u8]>,
        released: impl Iterator<Item = &'b [u8]>,
        trailers: impl Iterator<Item = u64>,
    ) -> Result<(), Reason> {
        let word_count = self.options.word_count();
        let last_mask = self.mask(word_count - 1);
        codec::decode(acquired, &mut self.acquired.words_mut()[..word_count], last_mask)?;
        codec::decode(released, &mut self.released.words_mut()[..word_count], last_mask)?;
        self.acquired.recount();
        self.released.recount();
        let mut pairs = self.acquired.words().iter().zip(self.released.words());
        if pairs.any(|(acquired, released)| released & !acquired != 0) {
            return Err(RELEASED_NOT_ACQUIRED);
        }
        for address in trailers {
            if !(1..=self.options.block_count).contains(&address) {
                return Err(TRAILER_BEYOND_LAST);
            }
            let block = self.block(address);
            if self.acquired.contains(block) {
                return Err(TRAILER_ACQUIRED);
            }
            self.acquired.insert(block);
            self.staged.insert(block);
        }
        Ok(())
    }

    /// Encodes the set of acquired blocks into `pieces`. Each piece is a whole number of words, and
    /// is filled before the next one is taken from the iterator. Returns the size in bytes: at most
    /// [`FreeSetOptions::encoded_size_max`], and 0 if no block is acquired.
    ///
    /// # Panics
    ///
    /// If the free set is not open, if its checkpoint is not durable, if a reservation is open, or
    /// if the pieces are too short.
    ///
    /// [`FreeSetOptions::encoded_size_max`]: super::FreeSetOptions::encoded_size_max
    #[must_use]
    pub fn encode_acquired<'a>(&self, pieces: impl IntoIterator<Item = &'a mut [u8]>) -> usize {
        self.assert_whole("encoded");
        codec::encode(&self.acquired.words()[..self.words_used], pieces.into_iter())
    }

    /// Encodes the set of released blocks in the same way as [`FreeSet::encode_acquired`].
    ///
    /// # Panics
    ///
    /// In the same cases as [`FreeSet::encode_acquired`].
    #[must_use]
    pub fn encode_released<'a>(&self, pieces: impl IntoIterator<Item = &'a mut [u8]>) -> usize {
        self.assert_whole("encoded");
        codec::encode(&self.released.words()[..self.words_used], pieces.into_iter())
    }

    /// Records that a checkpoint with the last encoded sets was written and may still be lost.
    /// Blocks that are released from now on become staged.
    ///
    /// # Panics
    ///
    /// If the free set is not open, if its checkpoint is not durable, or if a reservation is open.
    pub fn mark_checkpoint_not_durable(&mut self) {
        self.assert_whole("part of a checkpoint");
        self.checkpoint = Checkpoint::NotDurable;
    }

    /// Records that the checkpoint is durable. Blocks that were released before it become free, and
    /// staged blocks become released.
    ///
    /// # Panics
    ///
    /// If the free set is not open, if its checkpoint is already durable, or if a reservation is
    /// open. The blocks of an open reservation would no longer be the lowest free ones.
    pub fn mark_checkpoint_durable(&mut self) {
        assert!(
            self.checkpoint == Checkpoint::NotDurable,
            "free_set: only a checkpoint that is not durable can become durable",
        );
        self.assert_no_reservations("freed");
        for word in 0..self.words_used {
            let freed = self.released.word(word);
            if freed != 0 {
                self.free(word, freed);
            }
            let staged = self.staged.word(word);
            if freed != 0 || staged != 0 {
                self.released.replace_word(word, staged);
                self.staged.replace_word(word, 0);
            }
        }
        self.trim();
        self.checkpoint = Checkpoint::Durable;
        verify!(self.verify());
    }

    /// The blocks of a word that the checkpoint does not use and that nothing was acquired for
    /// since, as bits: those that are free, and those that become free when the checkpoint is
    /// durable.
    ///
    /// # Panics
    ///
    /// If the set is not open, or its checkpoint is already durable.
    pub(crate) fn unneeded_word(&self, word: usize) -> u64 {
        assert!(
            self.checkpoint == Checkpoint::NotDurable,
            "free_set: a checkpoint must have been written since blocks were acquired",
        );
        self.free_bits(word) | self.released.word(word)
    }

    /// Frees the blocks of one word whose bits are set in `bits`.
    fn free(&mut self, word: usize, bits: u64) {
        self.acquired.replace_word(word, self.acquired.word(word) & !bits);
        self.statistics.blocks_freed += u64::from(bits.count_ones());
        let shard = self.shard(word);
        if self.full.contains(shard) {
            self.full.remove(shard);
            self.statistics.shards_opened += 1;
        }
    }

    /// Reduces `words_used` so that the last word in use has an acquired block.
    fn trim(&mut self) {
        let used = &self.acquired.words()[..self.words_used];
        self.words_used = used.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
    }

    /// Returns the highest address of a block that is not free, or `None` if all blocks are free.
    #[must_use]
    #[inline]
    pub fn highest_address_acquired(&self) -> Option<u64> {
        let last = self.words_used.checked_sub(1)?;
        let bits = self.acquired.word(last);
        Some((last * WORD_BITS) as u64 + u64::from(u64::BITS - bits.leading_zeros()))
    }

    fn assert_whole(&self, what: &str) {
        self.assert_open();
        assert!(
            self.checkpoint == Checkpoint::Durable,
            "free_set: the previous checkpoint must be durable when the set is {what}",
        );
        assert!(
            self.staged.count() == 0,
            "free_set: no block may be staged while the checkpoint is durable ({} are staged)",
            self.staged.count(),
        );
        self.assert_no_reservations(what);
    }

    fn assert_no_reservations(&self, what: &str) {
        assert!(
            self.reservation_count == 0,
            "free_set: no reservation may be open when blocks are {what} ({} are open)",
            self.reservation_count,
        );
    }
}

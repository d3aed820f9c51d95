//! What checkpoints make of blocks, and the sets that they hold.
//!
//! - What is encoded is a whole checkpoint's: no block is reserved, and none is staged, so that two sets say
//!   it all.
//! - The blocks that hold the encoded sets are not in them: they are acquired once the sets are encoded. Who
//!   opens the set names them.
//! - What was read may be wrong: that is a [`Reason::Meaning`], and leaves the set as new.
//!
//! What this does not do: it does not order writes. Who calls says when a checkpoint can be lost.

use super::block_set::WORD_BITS;
use super::{Checkpoint, FreeSet, codec};
use crate::block::Reason;
use crate::check::verify;

/// What may be wrong with sets that are encoded as they must be.
const RELEASED_NOT_ACQUIRED: Reason = Reason::Meaning("a block is released and not acquired");
const TRAILER_BEYOND_LAST: Reason =
    Reason::Meaning("a block of the free set is beyond the last block");
const TRAILER_ACQUIRED: Reason =
    Reason::Meaning("a block of the free set is in use for something else");

impl FreeSet {
    /// Opens the set as it was encoded, into any pieces; a store without a checkpoint has empty sets. `trailers`
    /// are the blocks that held them: they become acquired, and staged. The checkpoint counts as not durable.
    ///
    /// # Errors
    ///
    /// What is wrong with the sets or the addresses, as a [`Reason::Meaning`]. The set is as new then.
    ///
    /// # Panics
    ///
    /// If the set is open.
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
        // Decoding may leave bits anywhere.
        self.words_used = word_count;
        let opened = self.read(acquired.into_iter(), released.into_iter(), trailers.into_iter());
        if opened.is_err() {
            self.reset();
            return opened;
        }
        self.trim();
        for shard in 0..self.full.shard_count() {
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
        let last_mask = self.mask(self.options.word_count() - 1);
        codec::decode(acquired, self.acquired.words_mut(), last_mask)?;
        codec::decode(released, self.released.words_mut(), last_mask)?;
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

    /// Writes the set of acquired blocks into `pieces`, each of whole words and full but the last. Returns its
    /// bytes: [`FreeSetOptions::encoded_size_max`] or fewer, none if no block is acquired. Pieces that are not
    /// needed are not asked for.
    ///
    /// # Panics
    ///
    /// If the set is not open, its checkpoint is not durable, a reservation is out, or the pieces are too short.
    ///
    /// [`FreeSetOptions::encoded_size_max`]: super::FreeSetOptions::encoded_size_max
    #[must_use]
    pub fn encode_acquired<'a>(&self, pieces: impl IntoIterator<Item = &'a mut [u8]>) -> usize {
        self.assert_whole("encoded");
        codec::encode(&self.acquired.words()[..self.words_used], pieces.into_iter())
    }

    /// Writes the set of released blocks, as [`FreeSet::encode_acquired`] does those that are acquired.
    ///
    /// # Panics
    ///
    /// As [`FreeSet::encode_acquired`] does.
    #[must_use]
    pub fn encode_released<'a>(&self, pieces: impl IntoIterator<Item = &'a mut [u8]>) -> usize {
        self.assert_whole("encoded");
        codec::encode(&self.released.words()[..self.words_used], pieces.into_iter())
    }

    /// A checkpoint with the sets that were encoded last is written, and may be lost: what is released from now
    /// on is staged.
    ///
    /// # Panics
    ///
    /// If the set is not open, its checkpoint is not durable, or a reservation is out.
    pub fn mark_checkpoint_not_durable(&mut self) {
        self.assert_whole("part of a checkpoint");
        self.checkpoint = Checkpoint::NotDurable;
    }

    /// The checkpoint stays: what was released before it becomes free, what was staged since becomes released.
    ///
    /// # Panics
    ///
    /// If the set is not open, its checkpoint is durable, or a reservation is out: its blocks would not be the
    /// lowest any more.
    pub fn mark_checkpoint_durable(&mut self) {
        assert!(
            self.checkpoint == Checkpoint::NotDurable,
            "free_set: a checkpoint must become durable once",
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

    /// Frees the blocks of a word that are set in `bits`.
    fn free(&mut self, word: usize, bits: u64) {
        self.acquired.replace_word(word, self.acquired.word(word) & !bits);
        self.statistics.blocks_freed += u64::from(bits.count_ones());
        let shard = self.shard(word);
        if self.full.contains(shard) {
            self.full.remove(shard);
            self.statistics.shards_opened += 1;
        }
    }

    /// Leaves out of `words_used` the words at the end that have no acquired block.
    fn trim(&mut self) {
        let used = &self.acquired.words()[..self.words_used];
        self.words_used = used.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
    }

    /// The highest address that is not free; `None` if all are.
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
            "free_set: the checkpoint before must be durable when the set is {what}",
        );
        assert!(
            self.staged.count() == 0,
            "free_set: no block must be staged while the checkpoint is durable ({} are)",
            self.staged.count(),
        );
        self.assert_no_reservations(what);
    }

    fn assert_no_reservations(&self, what: &str) {
        assert!(
            self.reservation_count == 0,
            "free_set: no reservation must be out when blocks are {what} ({} are)",
            self.reservation_count,
        );
    }
}

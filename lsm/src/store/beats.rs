//! Beats and checkpoints.
//!
//! - A beat may end before its writes have completed. They complete when the store waits for the
//!   device again.
//! - While a beat is under way, reads, writes and other beats panic.
//! - A put or removal runs a beat first if the memory for new records is full. No other call starts
//!   a beat that the caller did not ask for. A caller that writes little can run beats when it is
//!   idle.

use super::{ByHand, Store, StoreError};
use crate::compaction::CompactionPace;
use crate::forest::{BeatError, BeatProgress, Fullness, Whole};
use crate::record::Record;
use crate::storage::Storage;

impl<R: Record, S: Storage> Store<R, S> {
    /// Runs a beat: sorts the records that were put since the last beat, does a share of the
    /// compaction work, and takes a checkpoint if one is due. First waits for the lookups by hand
    /// that are under way. If a checkpoint was taken, returns the last beat that is durable.
    ///
    /// # Errors
    ///
    /// If the store is closed or read-only, or a scope is open. If the beat fails, the store is
    /// read-only from now on.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn beat(&mut self) -> Result<Option<u64>, StoreError> {
        self.beat_whole()
    }

    /// Makes all puts and removals so far durable. Runs beats to the end of this bar and to the end
    /// of the next bar, where the checkpoint is taken. Returns the last beat that is durable.
    ///
    /// # Errors
    ///
    /// The same as [`Store::beat`].
    ///
    /// # Panics
    ///
    /// The same as [`Store::beat`].
    pub fn checkpoint(&mut self) -> Result<u64, StoreError> {
        self.refuse_beats()?;
        self.checkpoint_whole()
    }

    /// Refuses a beat if the store is closed or read-only, or a scope is open.
    pub(super) fn refuse_beats(&self) -> Result<(), StoreError> {
        self.forest.refuse_writes()?;
        if self.tree().scope_is_open() { Err(StoreError::ScopeIsOpen) } else { Ok(()) }
    }

    /// The number of the beat under way, or of the last beat that ended; 0 if the store was just
    /// formatted.
    #[must_use]
    pub fn beat_number(&self) -> u64 {
        self.forest.beat_number()
    }

    /// Which writes the store accepts. It changes only at the end of a bar, and when the store is
    /// opened.
    #[must_use]
    pub fn fullness(&self) -> Fullness {
        self.forest.fullness()
    }

    /// How many of the next `count` beats accept the same writes as the first, for certain.
    pub(crate) fn beats_for_puts(&mut self, count: u64) -> u64 {
        self.forest.beats_for_puts(count)
    }

    /// The beat that takes the next checkpoint. It can still move to an earlier beat, if a
    /// checkpoint is requested, or in the middle of a bar, if room runs low.
    #[must_use]
    pub fn next_checkpoint(&self) -> u64 {
        self.forest.next_checkpoint()
    }

    /// The beats of the last checkpoints that were moved to an earlier beat because room ran low,
    /// since the store was opened, oldest first: at most 64.
    pub fn early_checkpoints(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.forest.early_checkpoints()
    }

    /// The reason why the store is read-only; `None` if it is not. A beat that failed is a reason,
    /// and so is a write that failed since the last beat ended.
    #[must_use]
    pub fn failed(&self) -> Option<BeatError> {
        self.forest.failed()
    }
}

impl<R: Record, S: Storage> Whole for Store<R, S> {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.by_hand().beat_begin()
    }

    fn advance(&mut self) -> BeatProgress {
        self.by_hand().beat_advance()
    }

    fn wait(&mut self) -> BeatProgress {
        self.by_hand().beat_step()
    }

    fn want(&mut self) -> u64 {
        self.by_hand().checkpoint_want()
    }

    fn number(&self) -> u64 {
        self.beat_number()
    }
}

impl<R: Record, S: Storage> ByHand<'_, R, S> {
    /// Begins a beat. Call [`ByHand::beat_advance`] next, and after each [`ByHand::beat_step`].
    /// The beat first waits until no lookup is under way, and no read is in the device's queue.
    /// Scans continue after the beat.
    ///
    /// # Errors
    ///
    /// If the store is closed or read-only, or a scope is open. If the beat fails, the store is
    /// read-only from now on.
    ///
    /// # Panics
    ///
    /// The same as [`Store::beat`].
    pub fn beat_begin(&mut self) -> Result<(), StoreError> {
        self.beat_begin_at(CompactionPace::EVEN)
    }

    /// Begins a beat that does more, or less, than its even share of the half-bar's work. A caller
    /// can ask for more while it is idle, and for less while it is busy.
    ///
    /// # Errors
    ///
    /// The same as [`ByHand::beat_begin`].
    ///
    /// # Panics
    ///
    /// The same as [`Store::beat`].
    pub fn beat_begin_at(&mut self, pace: CompactionPace) -> Result<(), StoreError> {
        let store = &mut *self.store;
        store.refuse_beats()?;
        store.lookups_advance();
        store.scans.pause(&mut store.forest.grid);
        let begun = store.forest.beat_begin_at(pace);
        store.assert_no_lookup_in_beat();
        begun
    }

    /// Continues the beat until it must wait for the device. If no beat is under way, returns
    /// [`BeatProgress::Ended`] without a checkpoint, or [`BeatProgress::Failed`] with the error
    /// that made the store read-only.
    pub fn beat_advance(&mut self) -> BeatProgress {
        self.store.lookups_advance();
        let progress = self.store.forest.beat_advance();
        self.store.assert_no_lookup_in_beat();
        progress
    }

    /// Completes one operation of the device. This may end the beat. If nothing is in the device's
    /// queue, the beat has not said yet what it waits for, or it has ended: then the same as
    /// [`ByHand::beat_advance`].
    pub fn beat_step(&mut self) -> BeatProgress {
        self.store.lookups_advance();
        let progress = self.store.forest.beat_step();
        self.store.assert_no_lookup_in_beat();
        progress
    }

    /// Requests a checkpoint that contains all puts and removals so far, for a caller that runs the
    /// beats itself. Returns the beat that takes the checkpoint. Checkpoints that were requested
    /// before are also taken.
    pub fn checkpoint_want(&mut self) -> u64 {
        self.store.forest.checkpoint_want()
    }
}

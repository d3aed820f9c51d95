//! Beats and checkpoints of a forest.
//!
//! - A beat may end before its writes have completed. They complete when the forest waits for the
//!   device again.
//! - While a beat is under way, the trees must be neither read nor written, and no other beat can
//!   begin.

use super::whole::Whole;
use super::{Forest, StoreError};
use crate::beat::{BeatError, BeatProgress, Context, Fullness, Scheduler, Trees};
use crate::compaction::CompactionPace;
use crate::grid::{GridError, Stepped};
use crate::storage::Storage;

impl<T: Trees<S>, S: Storage> Forest<T, S> {
    /// Runs a beat: sorts the records that were put since the last beat, does a share of the
    /// compaction work of all trees, and takes a checkpoint if one is due. If a checkpoint was
    /// taken, returns the last beat that is durable.
    ///
    /// # Errors
    ///
    /// If the forest is closed or read-only. If the beat fails, the forest is read-only from now
    /// on.
    ///
    /// # Panics
    ///
    /// If a beat is under way, or a scope of a tree is open.
    pub fn beat(&mut self) -> Result<Option<u64>, StoreError> {
        self.beat_whole()
    }

    /// Makes all writes so far durable. Runs beats to the end of this bar and to the end of the
    /// next bar, where the checkpoint is taken. Returns the last beat that is durable.
    ///
    /// # Errors
    ///
    /// The same as [`Forest::beat`].
    ///
    /// # Panics
    ///
    /// The same as [`Forest::beat`].
    pub fn checkpoint(&mut self) -> Result<u64, StoreError> {
        self.checkpoint_whole()
    }

    /// The number of the beat under way, or of the last beat that ended; 0 if the forest was just
    /// formatted.
    #[must_use]
    pub fn beat_number(&self) -> u64 {
        self.scheduler.beat()
    }

    /// Which writes this bar accepts. It is decided at the end of each bar and when the forest is
    /// opened, for all trees together. The trees themselves refuse nothing: a caller that writes to
    /// them asks before. If more is written, a beat may fail because a tree or the device is full.
    #[must_use]
    pub fn fullness(&self) -> Fullness {
        self.scheduler.fullness()
    }

    /// Whether the device is large enough for a reserve; see
    /// [`ForestOptions::has_reserve`](super::ForestOptions::has_reserve).
    #[must_use]
    pub fn has_reserve(&self) -> bool {
        self.scheduler.has_reserve()
    }

    /// How many of the next `count` beats accept puts for certain, if the first does. At least as
    /// many as are left in this bar.
    pub fn beats_for_puts(&mut self, count: u64) -> u64 {
        let Self { scheduler, trees, log, grid, .. } = self;
        scheduler.beats_for_puts(count, trees, log, grid)
    }

    /// Whether beats may make room, although nothing was written in this bar: records wait to be
    /// flushed, tables may still be merged, or the manifest log gets shorter. If not, further beats
    /// may at most shorten the log, later.
    #[must_use]
    pub fn may_gain_room(&self) -> bool {
        self.scheduler.may_gain_room()
    }

    /// The beat that takes the next checkpoint. It can still move to an earlier beat, if a
    /// checkpoint is requested, or in the middle of a bar, if room runs low.
    #[must_use]
    pub fn next_checkpoint(&self) -> u64 {
        self.scheduler.next_checkpoint()
    }

    /// The beats of the last checkpoints that were moved to an earlier beat because room ran low,
    /// since the forest was opened, oldest first: at most 64.
    pub fn early_checkpoints(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.scheduler.early_checkpoints()
    }

    /// The reason why the forest is read-only; `None` if it is not. A beat that failed is a reason,
    /// and so is a write that failed since the last beat ended.
    #[must_use]
    pub fn failed(&self) -> Option<BeatError> {
        let write = || self.grid.failed().map(|fault| BeatError::Grid(GridError::Failed(fault)));
        self.scheduler.failed().or_else(write)
    }

    /// Begins a beat that does more, or less, than its even share of the half-bar's work. Call
    /// [`Forest::beat_advance`] next, and after each [`Forest::beat_step`]. A caller can ask for
    /// more work while it is idle, and for less while it is busy. The beat first waits for the
    /// reads that are pending.
    ///
    /// # Errors
    ///
    /// If the forest is closed or read-only. If the beat fails, the forest is read-only from now
    /// on.
    ///
    /// # Panics
    ///
    /// The same as [`Forest::beat`].
    pub fn beat_begin_at(&mut self, pace: CompactionPace) -> Result<(), StoreError> {
        self.refuse_writes()?;
        self.trees.beat_begins(&mut self.grid);
        self.with(|scheduler, trees, context| scheduler.begin(pace, trees, context))?;
        Ok(())
    }

    /// Continues the beat until it must wait for the device. If no beat is under way, returns
    /// [`BeatProgress::Ended`] without a checkpoint, or [`BeatProgress::Failed`] with the error
    /// that made the forest read-only.
    pub fn beat_advance(&mut self) -> BeatProgress {
        if !self.scheduler.is_under_way() {
            return match self.failed() {
                Some(error) => BeatProgress::Failed(error),
                None => BeatProgress::Ended { checkpoint: None },
            };
        }
        self.with(|scheduler, trees, context| scheduler.advance(trees, context))
    }

    /// Completes one operation of the device. This may end the beat. If nothing is in the device's
    /// queue, the beat has not said yet what it waits for, or it has ended: then the same as
    /// [`Forest::beat_advance`].
    pub fn beat_step(&mut self) -> BeatProgress {
        if !self.scheduler.is_under_way() || self.grid.storage().queued() == 0 {
            let progress = self.beat_advance();
            if progress != BeatProgress::Waiting {
                return progress;
            }
        }
        match self.grid.step() {
            Stepped::Progress => BeatProgress::Waiting,
            Stepped::Nothing => {
                let gone = BeatError::Grid(GridError::Gone);
                BeatProgress::Failed(
                    self.with(|scheduler, trees, context| scheduler.fail(gone, trees, context)),
                )
            }
            Stepped::Foreign(completion) => self
                .with(|scheduler, trees, context| scheduler.complete(completion, trees, context)),
        }
    }

    /// Requests a checkpoint that contains all writes so far, for a caller that runs the beats
    /// itself. Returns the beat that takes the checkpoint. Checkpoints that were requested before
    /// are also taken.
    pub fn checkpoint_want(&mut self) -> u64 {
        self.scheduler.want_checkpoint()
    }

    /// Completes one operation of the device between two beats. Returns whether an operation
    /// completed.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn step(&mut self) -> bool {
        self.assert_no_beat();
        match self.grid.step() {
            Stepped::Progress => true,
            Stepped::Nothing => false,
            // A checkpoint that failed may have left operations in the device's queue.
            Stepped::Foreign(_) if self.failed().is_some() => true,
            Stepped::Foreign(completion) => {
                unreachable!("forest: nothing waits for this between beats ({completion:?})")
            }
        }
    }

    /// Refuses a call if the forest is closed: its trees may be incomplete.
    pub(crate) fn refuse_if_closed(&self) -> Result<(), StoreError> {
        if self.is_open { Ok(()) } else { Err(StoreError::Closed) }
    }

    /// Refuses a write if the forest is closed or read-only.
    pub(crate) fn refuse_writes(&self) -> Result<(), StoreError> {
        self.refuse_if_closed()?;
        self.assert_no_beat();
        self.failed().map_or(Ok(()), |error| Err(StoreError::ReadOnly(error)))
    }

    /// During a beat, blocks and tables are replaced and the superblock may be written, so no other
    /// call may read or write.
    pub(crate) fn assert_no_beat(&self) {
        assert!(
            !self.scheduler.is_under_way(),
            "forest: end the beat that is under way first (beat {})",
            self.scheduler.beat(),
        );
    }

    /// Returns whether a beat works on the trees, so that no read may be under way.
    pub(crate) fn beat_works(&self) -> bool {
        self.scheduler.is_working()
    }

    pub(super) fn with<A>(
        &mut self,
        act: impl FnOnce(&mut Scheduler, &mut dyn Trees<S>, &mut Context<'_, S>) -> A,
    ) -> A {
        let Self { grid, superblock, pool, log, trees, scheduler, .. } = self;
        let mut context = Context { grid, superblock, pool, log };
        act(scheduler, trees, &mut context)
    }
}

impl<T: Trees<S>, S: Storage> Whole for Forest<T, S> {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.beat_begin_at(CompactionPace::EVEN)
    }

    fn advance(&mut self) -> BeatProgress {
        self.beat_advance()
    }

    fn wait(&mut self) -> BeatProgress {
        self.beat_step()
    }

    fn want(&mut self) -> u64 {
        self.checkpoint_want()
    }

    fn number(&self) -> u64 {
        self.beat_number()
    }
}

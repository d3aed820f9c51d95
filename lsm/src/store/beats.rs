//! Beats and checkpoints of a store, and waiting for its device.
//!
//! - A beat may leave writes under way: they go on with the next call that waits.
//! - Between the begin of a beat and its end nothing else is done with the store: who drives beats by hand gets a panic
//!   if he reads, puts or steps meanwhile.
//!
//! What this does not do: it has no clock. Whoever writes little lets beats come when he has time.

use super::{Store, StoreError};
use crate::compaction::CompactionPace;
use crate::forest::{BeatEnd, BeatError, Context, Scheduled};
use crate::grid::{GridError, Stepped};
use crate::record::Record;
use crate::storage::Storage;

impl<R: Record, S: Storage> Store<R, S> {
    /// Ends a beat: what was put since the last one is sorted, and a share of compaction done; at the beats that the
    /// options say, a checkpoint is taken. Returns the last beat that a checkpoint holds, if one was taken.
    ///
    /// # Errors
    ///
    /// If the store is read-only, and is from now on; or if it is not open.
    ///
    /// # Panics
    ///
    /// If a scope is open, or a lookup is under way or its answer was not taken.
    pub fn beat(&mut self) -> Result<Option<u64>, StoreError> {
        self.beat_begin()?;
        loop {
            if let Some(ended) = self.beat_advance() {
                return ended.map_err(StoreError::ReadOnly);
            }
            if let Some(ended) = self.beat_step() {
                return ended.map_err(StoreError::ReadOnly);
            }
        }
    }

    /// Begins a beat, for who waits for the device himself; only for reads that were given up it waits here.
    /// [`Store::beat_advance`] comes next, and after every
    /// [`Store::beat_step`].
    ///
    /// # Errors
    ///
    /// If the store is read-only, or not open.
    ///
    /// # Panics
    ///
    /// As [`Store::beat`], and if a beat is under way.
    pub fn beat_begin(&mut self) -> Result<(), StoreError> {
        self.beat_begin_at(CompactionPace::EVEN)
    }

    /// Begins a beat that does more of its half's work than is due, or less: for who knows that little is to be done
    /// now, or much.
    ///
    /// # Errors
    ///
    /// As [`Store::beat_begin`].
    ///
    /// # Panics
    ///
    /// As [`Store::beat_begin`].
    pub fn beat_begin_at(&mut self, pace: CompactionPace) -> Result<(), StoreError> {
        self.refuse_if_closed()?;
        assert!(self.lookups.is_idle(), "store: lookups must end before a beat");
        assert!(!self.tree.scope_is_open(), "store: close the scope before the beat");
        self.scan.pause(&mut self.grid);
        // What was given up may still be read, and its block may become free in the beat.
        while self.grid.pending_reads() > 0 && self.step() {}
        self.with(|scheduler, trees, context| scheduler.begin(pace, trees, context))?;
        Ok(())
    }

    /// Goes on with a beat as far as can be without waiting. Returns how it ended, once it has; if none is under way,
    /// that the last one ended, or why it failed.
    pub fn beat_advance(&mut self) -> BeatEnd {
        self.with(|scheduler, trees, context| scheduler.advance(trees, context))
    }

    /// Waits for one completion of the device. Returns how the beat ended, if that was it.
    pub fn beat_step(&mut self) -> BeatEnd {
        match self.grid.step() {
            Stepped::Progress => None,
            Stepped::Nothing => {
                let gone = BeatError::Grid(GridError::Gone);
                Some(Err(
                    self.with(|scheduler, trees, context| scheduler.fail(gone, trees, context))
                ))
            }
            Stepped::Foreign(completion) => self
                .with(|scheduler, trees, context| scheduler.complete(completion, trees, context)),
        }
    }

    /// Lets beats come until all that was put is durable: to the end of this bar, and to that of the next. Returns
    /// the last beat that the checkpoint holds.
    ///
    /// # Errors
    ///
    /// If the store is read-only, and is from now on; or if it is not open.
    ///
    /// # Panics
    ///
    /// As [`Store::beat`].
    pub fn checkpoint(&mut self) -> Result<u64, StoreError> {
        let trigger = self.checkpoint_want();
        loop {
            if let Some(held) = self.beat()?
                && self.scheduler.beat() == trigger
            {
                return Ok(held);
            }
        }
    }

    /// Asks for a checkpoint that holds all that was put, for who lets beats come himself. Returns the beat that takes
    /// it. One that was asked for before is taken, too.
    pub fn checkpoint_want(&mut self) -> u64 {
        self.scheduler.want_checkpoint()
    }

    /// Lets one operation of the device complete, if there is one. Returns whether there was.
    ///
    /// # Panics
    ///
    /// If a beat is under way: that goes on with [`Store::beat_step`].
    pub fn step(&mut self) -> bool {
        self.assert_no_beat();
        match self.grid.step() {
            Stepped::Progress => true,
            Stepped::Nothing => false,
            // What a beat that failed asked for completes for nobody.
            Stepped::Foreign(_) if self.failed().is_some() => true,
            Stepped::Foreign(completion) => {
                unreachable!("store: nobody waits for this between beats ({completion:?})")
            }
        }
    }

    /// Why the store is read-only, if it is.
    #[must_use]
    pub fn failed(&self) -> Option<BeatError> {
        self.scheduler.failed()
    }

    /// During a beat, blocks and tables change hands, and the superblock may be written: no reader is to come then.
    pub(super) fn assert_no_beat(&self) {
        assert!(
            !self.scheduler.is_under_way(),
            "store: end the beat that is under way first (beat {})",
            self.scheduler.beat(),
        );
    }

    fn with<T>(
        &mut self,
        act: impl FnOnce(
            &mut crate::forest::Scheduler,
            &mut [&mut dyn Scheduled<S>],
            &mut Context<'_, S>,
        ) -> T,
    ) -> T {
        let Self { grid, superblock, pool, log, tree, scheduler, .. } = self;
        let mut context = Context { grid, superblock, pool, log };
        act(scheduler, &mut [tree], &mut context)
    }
}

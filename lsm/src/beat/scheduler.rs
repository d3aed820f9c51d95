//! Runs the beats of a store's trees, one at a time.
//!
//! ```text
//! begin --> Reading -----> Log ----------> Compacting --> (apply) --> ...
//!           if a read is   last beat of    if there is
//!           pending        a half-bar      work
//!
//!       ... --> Logged -----------> (sort, swap) --> Closing --> Checkpointing --> Idle
//!               if blocks of the                     at a trigger
//!               log wait for room
//! ```
//!
//! - Blocks are reserved in a fixed order: first for the log, then for the trees.
//! - A checkpoint is treated as durable from the first beat after its trigger. From then on, the
//!   blocks that were released before the checkpoint are free.
//! - No call waits for the device: the caller calls `advance` after each step of the grid.
//! - After an error no beat begins until the store is reopened.

use std::collections::VecDeque;

use super::blocks_in_use::check_blocks_in_use;
use super::budget::Budget;
use super::filling::Filling;
use super::trees::{Trees, has_waiting, levels};
use super::triggers::Triggers;
use super::{BeatError, BeatProgress};
use crate::block::{Corruption, Place, Reason};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::collections::NodePool;
use crate::compaction::{Bars, CompactionPace};
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::storage::{Completion, Storage};
use crate::superblock::{ChangingOptions, Superblock};

/// The largest beat, inclusive. No store runs that many beats, so a larger number on a device is
/// forged.
pub(crate) const BEAT_MAX: u64 = 1 << 62;

/// The number of early checkpoints that the scheduler remembers.
pub(super) const EARLY_CHECKPOINTS_MAX: usize = 64;

/// Runs beats; see the [module](self).
#[derive(Debug)]
pub(crate) struct Scheduler {
    pub(super) bars: Bars,
    /// The number of bars from the next checkpoint to the one after it.
    interval: u32,
    pub(super) triggers: Triggers,
    /// The beat under way, or the last that ended.
    pub(super) beat: u64,
    /// The beat at whose beginning the last checkpoint is marked as durable.
    durable_at: u64,
    phase: BeatPhase,
    pub(super) budget: Budget,
    /// The share of the half-bar's work that the beat does.
    pace: CompactionPace,
    /// The triggers that were moved to an earlier beat since the store was opened, at most
    /// [`EARLY_CHECKPOINTS_MAX`] of them.
    pub(super) early_checkpoints: VecDeque<u64>,
    /// Which writes this bar accepts.
    pub(super) filling: Filling,
    /// Whether the planned blocks are enough for a reserve; see [`Grid::planned`].
    pub(super) has_reserve: bool,
    /// Whether all blocks are enough.
    pub(super) has_reserve_with_all_blocks: bool,
}

/// The progress of a beat.
#[derive(Debug)]
enum BeatPhase {
    /// No beat is under way.
    Idle,
    /// Reads that began before the beat are pending. The beat waits for them, because it may free
    /// the blocks that they read.
    Reading,
    /// The manifest log is being compacted.
    Log,
    /// The trees' compactions are running.
    Compacting(Reservation),
    /// The new tables have replaced the old ones. Blocks of the manifest log wait for the queue of
    /// writes.
    Logged,
    /// The open block of the manifest log must be written.
    Closing,
    Checkpointing(Checkpoint),
    Failed(BeatError),
}

/// The parts of the store on which a beat works, besides the trees.
pub(crate) struct Context<'a, S> {
    pub(crate) grid: &'a mut Grid<S>,
    pub(crate) superblock: &'a mut Superblock,
    pub(crate) pool: &'a mut NodePool,
    pub(crate) log: &'a mut ManifestLog,
}

impl Scheduler {
    /// Creates a scheduler of a store whose last checkpoint contains the beats up to `beat`,
    /// inclusive. `interval` is the number of bars from one checkpoint to the next. `has_reserve`
    /// says whether the device is large enough for a reserve.
    pub(crate) fn new(bars: Bars, interval: u32, has_reserve: bool, beat: u64) -> Self {
        let mut scheduler = Self {
            bars,
            interval,
            triggers: Triggers::new(bars, interval.into(), beat),
            beat: 0,
            durable_at: 0,
            phase: BeatPhase::Idle,
            budget: Budget::default(),
            pace: CompactionPace::EVEN,
            early_checkpoints: VecDeque::with_capacity(EARLY_CHECKPOINTS_MAX),
            filling: Filling::default(),
            has_reserve,
            has_reserve_with_all_blocks: has_reserve,
        };
        scheduler.open(beat, interval, has_reserve);
        scheduler
    }

    /// Resets the scheduler for a store whose last checkpoint contains the beats up to `beat`,
    /// inclusive. The next is due `interval` bars after it. `has_reserve` says whether the blocks
    /// that the checkpoint names are enough for a reserve. From the next checkpoint on, both are as
    /// in the constructor.
    pub(crate) fn open(&mut self, beat: u64, interval: u32, has_reserve: bool) {
        self.has_reserve = has_reserve;
        self.triggers = Triggers::new(self.bars, interval.into(), beat);
        self.beat = beat;
        // The checkpoint that formatting writes, at beat 0, is marked as durable by beat 1 already,
        // because the first bar releases no block.
        self.durable_at = if beat == 0 { 1 } else { beat + self.bars.beats_per_bar() + 1 };
        self.phase = BeatPhase::Idle;
        self.budget = Budget::default();
        self.early_checkpoints.clear();
        self.filling = Filling::default();
    }

    /// Returns the next trigger of a checkpoint. It can still be moved to an earlier beat.
    pub(crate) fn next_checkpoint(&self) -> u64 {
        self.triggers.next()
    }

    /// Returns the last triggers that were moved to an earlier beat for want of room since the
    /// store was opened, oldest first.
    pub(crate) fn early_checkpoints(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.early_checkpoints.iter().copied()
    }

    /// The beat under way, or the last that ended.
    pub(crate) fn beat(&self) -> u64 {
        self.beat
    }

    pub(crate) fn bars(&self) -> Bars {
        self.bars
    }

    /// Returns the error of the beat that failed, or `None` if no beat failed since the store was
    /// opened.
    pub(crate) fn failed(&self) -> Option<BeatError> {
        match self.phase {
            BeatPhase::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Returns whether a beat has begun and has neither ended nor failed.
    pub(crate) fn is_under_way(&self) -> bool {
        !matches!(self.phase, BeatPhase::Idle | BeatPhase::Failed(_))
    }

    /// Returns whether a beat has begun to change trees and blocks: it is under way, and no longer
    /// waits for earlier reads.
    pub(crate) fn is_working(&self) -> bool {
        self.is_under_way() && !matches!(self.phase, BeatPhase::Reading)
    }

    /// Requests a checkpoint that contains the next beat and all beats before it. Returns the
    /// trigger of this checkpoint.
    pub(crate) fn want_checkpoint(&mut self) -> u64 {
        self.triggers.want(self.beat + 1)
    }

    /// Begins the next beat. Call `advance` next, and after each step of the grid. While reads are
    /// pending, the beat does nothing, so the readers may ask for more blocks.
    ///
    /// # Errors
    ///
    /// If an earlier beat failed, if this beat fails, or if its number would be above [`BEAT_MAX`].
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub(crate) fn begin<S: Storage>(
        &mut self,
        pace: CompactionPace,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> Result<(), BeatError> {
        match self.phase {
            BeatPhase::Idle => {}
            BeatPhase::Failed(error) => return Err(error),
            _ => panic!("scheduler: one beat at a time (beat {})", self.beat),
        }
        if self.beat == BEAT_MAX {
            let reason = Reason::Meaning("the number of beats is too large");
            let corruption = Corruption { place: Place::Superblock, reason };
            return Err(self.fail(
                BeatError::Grid(GridError::Corruption(corruption)),
                trees,
                context,
            ));
        }
        self.beat += 1;
        self.pace = pace;
        if context.grid.pending_reads() > 0 {
            self.phase = BeatPhase::Reading;
            return Ok(());
        }
        self.start(trees, context)
    }

    /// Does the first part of the beat's own work. No read is pending.
    fn start<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> Result<(), BeatError> {
        if self.beat == self.durable_at {
            context.grid.mark_checkpoint_durable();
        }
        if self.triggers.has_no_compaction(self.beat) {
            self.end_beat(trees, context);
            return Ok(());
        }
        if self.bars.is_last_of_half(self.beat) {
            let entries = self.entries(trees);
            self.filling.planned(entries > 0);
            if entries == 0 && !context.grid.has_planned_room(context.log.blocks_of_half(entries)) {
                // Nothing is appended, so the log can also be compacted later.
                return self.compact(trees, context);
            }
            if let Err(error) = context.log.compact_begin(entries, context.grid) {
                return Err(self.fail(BeatError::Grid(error), trees, context));
            }
            self.phase = BeatPhase::Log;
            return Ok(());
        }
        self.compact(trees, context)
    }

    /// Plans the half-bar if this is its first beat, and reserves the blocks that the beat may
    /// write.
    fn compact<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> Result<(), BeatError> {
        if self.bars.is_middle_of_bar(self.beat) {
            // The flush is planned in the second half-bar, and must know of the checkpoint.
            self.hasten_checkpoint(trees, context);
        }
        if self.bars.is_first_of_half(self.beat)
            && let Err(error) = self.plan(trees, context)
        {
            return Err(self.fail(error, trees, context));
        }
        match self.budget.commence(self.bars, self.beat, self.pace, trees) {
            None => return self.finish(trees, context),
            Some(blocks) => match context.grid.reserve(blocks) {
                Some(reservation) => self.phase = BeatPhase::Compacting(reservation),
                None => return Err(self.fail(BeatError::Grid(GridError::Full), trees, context)),
            },
        }
        Ok(())
    }

    /// Continues the beat until it must wait for the device. If no beat is under way, returns the
    /// error of the beat that failed, or else [`BeatProgress::Ended`] without a checkpoint.
    pub(crate) fn advance<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> BeatProgress {
        loop {
            match std::mem::replace(&mut self.phase, BeatPhase::Idle) {
                BeatPhase::Failed(error) => {
                    self.phase = BeatPhase::Failed(error);
                    return BeatProgress::Failed(error);
                }
                // The beat ended in this call or already in `begin`, or no beat is under way.
                BeatPhase::Idle => return BeatProgress::Ended { checkpoint: None },
                BeatPhase::Reading => {
                    if context.grid.pending_reads() > 0 {
                        self.phase = BeatPhase::Reading;
                        return BeatProgress::Waiting;
                    }
                    if let Err(error) = self.start(trees, context) {
                        return BeatProgress::Failed(error);
                    }
                }
                BeatPhase::Log => match context.log.advance(context.grid) {
                    None => {
                        self.phase = BeatPhase::Log;
                        return BeatProgress::Waiting;
                    }
                    Some(Ok(())) => {
                        if let Err(error) = self.compact(trees, context) {
                            return BeatProgress::Failed(error);
                        }
                    }
                    Some(Err(error)) => {
                        let error = self.fail(BeatError::Grid(error), trees, context);
                        return BeatProgress::Failed(error);
                    }
                },
                BeatPhase::Compacting(mut reservation) => {
                    match self.work(trees, context, &mut reservation) {
                        Ok(true) => {
                            context.grid.forfeit(reservation);
                            if let Err(error) = self.finish(trees, context) {
                                return BeatProgress::Failed(error);
                            }
                        }
                        Ok(false) => {
                            self.phase = BeatPhase::Compacting(reservation);
                            return BeatProgress::Waiting;
                        }
                        Err(error) => {
                            let error = self.fail(BeatError::Grid(error), trees, context);
                            return BeatProgress::Failed(error);
                        }
                    }
                }
                BeatPhase::Logged => {
                    if !context.log.compact_end(context.grid) {
                        self.phase = BeatPhase::Logged;
                        return BeatProgress::Waiting;
                    }
                    if let Some(fault) = context.grid.failed() {
                        let error = BeatError::Grid(GridError::Failed(fault));
                        return BeatProgress::Failed(self.fail(error, trees, context));
                    }
                    self.end_beat(trees, context);
                }
                BeatPhase::Closing => {
                    let Some(closed) = context.log.close(context.grid) else {
                        self.phase = BeatPhase::Closing;
                        return BeatProgress::Waiting;
                    };
                    let checked =
                        closed.and_then(|()| check_blocks_in_use(context.log, context.grid));
                    if let Err(error) = checked {
                        let error = self.fail(BeatError::Grid(error), trees, context);
                        return BeatProgress::Failed(error);
                    }
                    let held = self.triggers.held_at(self.beat);
                    let options = ChangingOptions {
                        block_count: context.grid.planned().all,
                        checkpoint_interval: self.interval,
                    };
                    let checkpoint = Checkpoint::begin(held, context.log.references(), options);
                    self.phase = BeatPhase::Checkpointing(checkpoint);
                }
                BeatPhase::Checkpointing(mut checkpoint) => {
                    let ended = checkpoint.advance(context.grid, context.superblock);
                    return self.checkpoint_ended(checkpoint, ended, trees, context);
                }
            }
        }
    }

    /// Handles the completion of an operation of the superblock, and continues the checkpoint.
    ///
    /// # Panics
    ///
    /// If no checkpoint is under way.
    pub(crate) fn complete<S: Storage>(
        &mut self,
        completion: Completion,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> BeatProgress {
        let BeatPhase::Checkpointing(mut checkpoint) =
            std::mem::replace(&mut self.phase, BeatPhase::Idle)
        else {
            panic!("scheduler: no checkpoint waits for the superblock ({completion:?})");
        };
        let ended = checkpoint.complete(context.grid, context.superblock, completion);
        self.checkpoint_ended(checkpoint, ended, trees, context)
    }

    /// Handles the result of the checkpoint, if it has ended.
    fn checkpoint_ended<S: Storage>(
        &mut self,
        checkpoint: Checkpoint,
        ended: Option<Result<(), CheckpointError>>,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> BeatProgress {
        match ended {
            None => {
                self.phase = BeatPhase::Checkpointing(checkpoint);
                BeatProgress::Waiting
            }
            Some(Ok(())) => {
                context.grid.give_back();
                self.triggers.taken(self.beat, self.interval.into());
                self.durable_at = self.beat + 1;
                BeatProgress::Ended { checkpoint: Some(self.triggers.held_at(self.beat)) }
            }
            Some(Err(error)) => {
                BeatProgress::Failed(self.fail(BeatError::Checkpoint(error), trees, context))
            }
        }
    }

    /// Continues the compactions, one after the other. Returns whether the work of the beat is
    /// done.
    fn work<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
        reservation: &mut Reservation,
    ) -> Result<bool, GridError> {
        while let Some((level, place)) = self.budget.current(self.bars, self.beat, trees) {
            let tree = trees.tree(place);
            if !tree.advance(level, context.log, context.grid, reservation)? {
                return Ok(false);
            }
            self.budget.done(tree.take_done(level));
        }
        Ok(true)
    }

    /// Ends a beat whose work is done. At the end of a half-bar the new tables replace the old
    /// ones. If a write failed, the beat fails instead, because the new tables may be missing on
    /// the device.
    fn finish<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> Result<(), BeatError> {
        if let Some(fault) = context.grid.failed() {
            return Err(self.fail(BeatError::Grid(GridError::Failed(fault)), trees, context));
        }
        if self.bars.is_last_of_half(self.beat) {
            assert!(
                self.budget.left() == 0,
                "scheduler: the last beat of a half does all that is left ({} bytes are)",
                self.budget.left(),
            );
            let levels = 0..levels(trees);
            for level in levels.filter(|level| self.bars.is_active(*level, self.beat)) {
                for place in 0..trees.count() {
                    let tree = trees.tree(place);
                    if level < tree.level_count() {
                        tree.apply(level, context.pool, context.log, context.grid);
                    }
                }
            }
            if context.log.is_ready() && !context.log.compact_end(context.grid) {
                self.phase = BeatPhase::Logged;
                return Ok(());
            }
        }
        self.end_beat(trees, context);
        Ok(())
    }

    /// Sorts the new records of all trees. At the end of a bar, swaps the memtables. At a trigger,
    /// the checkpoint is the next phase.
    fn end_beat<S: Storage>(&mut self, trees: &mut dyn Trees<S>, context: &mut Context<'_, S>) {
        let ends_bar = self.bars.is_last_of_bar(self.beat);
        let is_trigger =
            !self.triggers.has_no_compaction(self.beat) && self.beat == self.triggers.next();
        for place in 0..trees.count() {
            let tree = trees.tree(place);
            tree.end_beat();
            if ends_bar {
                tree.end_bar(self.beat + 1);
            }
            assert!(
                !is_trigger || !tree.is_absorbed(),
                "scheduler: at a checkpoint the immutable table must hold one bar (tree {})",
                tree.name(),
            );
        }
        trees.beat_ended(ends_bar);
        if is_trigger {
            // A store that is opened at this checkpoint decides by the options that it names.
            self.has_reserve = self.has_reserve_with_all_blocks;
            context.grid.plan_with_all_blocks();
            context.log.plan_with_all_blocks();
        }
        if ends_bar {
            let log_blocks = context.log.block_addresses().count() as u64;
            self.filling.bar_ended(has_waiting(trees), log_blocks);
            self.measure(trees, context.log, context.grid);
        }
        self.phase = if is_trigger { BeatPhase::Closing } else { BeatPhase::Idle };
    }

    /// Stops the compactions of all trees. No beat begins until the store is reopened.
    pub(crate) fn fail<S: Storage>(
        &mut self,
        error: BeatError,
        trees: &mut dyn Trees<S>,
        context: &mut Context<'_, S>,
    ) -> BeatError {
        for place in 0..trees.count() {
            trees.tree(place).abandon(context.grid);
        }
        self.phase = BeatPhase::Failed(error);
        error
    }
}

//! Drives the beats of a store's trees.
//!
//! ```text
//! begin ---> Log -------> Compacting ---> (sort, apply, swap) ---> Closing ---> Checkpointing ---> Idle
//!            last beat of  if there is     all at once              at a trigger
//!            a half        work
//! ```
//!
//! - Reservations are made in one order: that of the log, then that of the trees.
//! - The checkpoint of the trigger before is durable from the first beat after it on.
//! - Nothing is waited for in a call: `advance` goes on after a step of the grid.
//! - After an error no beat is begun.
//!
//! What it does not do: it puts nothing, and does not know what a beat means.

use std::error::Error;
use std::fmt;

use super::budget::Budget;
use super::triggers::Triggers;
use super::{Half, Scheduled, TreeIsFull};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::collections::NodePool;
use crate::compaction::{Bars, CompactionPace};
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::storage::{Completion, Storage};
use crate::superblock::Superblock;

/// Drives beats; see the [module](self).
#[derive(Debug)]
pub(crate) struct Scheduler {
    bars: Bars,
    interval: u64,
    triggers: Triggers,
    /// The last beat that ended, or the one under way.
    beat: u64,
    /// The first beat at which the last checkpoint is durable.
    durable_at: u64,
    phase: Phase,
    budget: Budget,
    /// How much the beat at hand is to do.
    pace: CompactionPace,
}

/// How far a beat is.
#[derive(Debug)]
enum Phase {
    Idle,
    Log,
    Compacting(Reservation),
    Closing,
    Checkpointing(Checkpoint),
    Failed(BeatError),
}

/// What a beat works on.
pub(crate) struct Context<'a, S> {
    pub(crate) grid: &'a mut Grid<S>,
    pub(crate) superblock: &'a mut Superblock,
    pub(crate) pool: &'a mut NodePool,
    pub(crate) log: &'a mut ManifestLog,
}

/// Why there are no more beats until the store is opened anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeatError {
    /// A block cannot be had, or nothing can be written.
    Grid(GridError),
    /// There is no checkpoint.
    Checkpoint(CheckpointError),
    /// A tree has as many tables as it can have.
    TreeIsFull {
        /// The name of the tree.
        tree: &'static str,
    },
}

impl Error for BeatError {}

impl fmt::Display for BeatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid(error) => error.fmt(formatter),
            Self::Checkpoint(error) => error.fmt(formatter),
            Self::TreeIsFull { tree } => write!(
                formatter,
                "the tree \"{tree}\" has as many tables as it can have: make it with more levels or a larger growth factor"
            ),
        }
    }
}

/// How a beat ended, once it has: with a checkpoint that holds the beats up to this, or without.
pub type BeatEnd = Option<Result<Option<u64>, BeatError>>;

impl Scheduler {
    /// A scheduler of a store whose last checkpoint holds the beats up to `beat`, with `interval` bars from one
    /// checkpoint to the next.
    pub(crate) fn new(bars: Bars, interval: u64, beat: u64) -> Self {
        let mut scheduler = Self {
            bars,
            interval,
            triggers: Triggers::new(bars, interval, beat),
            beat: 0,
            durable_at: 0,
            phase: Phase::Idle,
            budget: Budget::default(),
            pace: CompactionPace::EVEN,
        };
        scheduler.open(beat);
        scheduler
    }

    /// Makes it as new, for a store whose last checkpoint holds the beats up to `beat`.
    pub(crate) fn open(&mut self, beat: u64) {
        self.triggers = Triggers::new(self.bars, self.interval, beat);
        self.beat = beat;
        // That of a store that was just formatted, too: in its first bar nothing is released.
        self.durable_at = if beat == 0 { 1 } else { beat + self.bars.beats_per_bar() + 1 };
        self.phase = Phase::Idle;
        self.budget = Budget::default();
    }

    /// The last beat that ended, or the one under way.
    pub(crate) fn beat(&self) -> u64 {
        self.beat
    }

    pub(crate) fn bars(&self) -> Bars {
        self.bars
    }

    /// Why there are no more beats, if there are none.
    pub(crate) fn failed(&self) -> Option<BeatError> {
        match self.phase {
            Phase::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Whether a beat was begun and has neither ended nor failed.
    pub(crate) fn is_under_way(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Failed(_))
    }

    /// Asks for a checkpoint that holds the next beat and all before. Returns the beat that it is taken at.
    pub(crate) fn want_checkpoint(&mut self) -> u64 {
        self.triggers.want(self.beat + 1)
    }

    /// Begins the next beat, which is to do so much. `advance` comes next, and after every step of the grid.
    ///
    /// # Errors
    ///
    /// Why there are no more beats.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub(crate) fn begin<S: Storage>(
        &mut self,
        pace: CompactionPace,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
    ) -> Result<(), BeatError> {
        match self.phase {
            Phase::Idle => {}
            Phase::Failed(error) => return Err(error),
            _ => panic!("scheduler: one beat at a time (beat {})", self.beat),
        }
        self.beat += 1;
        self.pace = pace;
        if self.beat == self.durable_at {
            context.grid.mark_checkpoint_durable();
        }
        if self.triggers.is_replayed(self.beat) {
            self.end_beat(trees, context);
            return Ok(());
        }
        if self.bars.is_last_of_half(self.beat) {
            if let Err(error) = context.log.compact_begin(context.grid) {
                return Err(self.fail(BeatError::Grid(error), trees, context));
            }
            self.phase = Phase::Log;
            return Ok(());
        }
        self.compact(trees, context)
    }

    /// Plans, if it is time to, and reserves what the beat may write.
    fn compact<S: Storage>(
        &mut self,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
    ) -> Result<(), BeatError> {
        if self.bars.is_first_of_half(self.beat)
            && let Err(error) = self.plan(trees)
        {
            return Err(self.fail(error, trees, context));
        }
        match self.budget.commence(self.bars, self.beat, self.pace, trees) {
            None => return self.finish(trees, context),
            Some(blocks) => match context.grid.reserve(blocks) {
                Some(reservation) => self.phase = Phase::Compacting(reservation),
                None => return Err(self.fail(BeatError::Grid(GridError::Full), trees, context)),
            },
        }
        Ok(())
    }

    fn plan<S: Storage>(&mut self, trees: &mut [&mut dyn Scheduled<S>]) -> Result<(), BeatError> {
        assert!(
            self.budget.left() == 0,
            "scheduler: all work of a half is done at its last beat ({} bytes are left)",
            self.budget.left(),
        );
        let before_checkpoint = self.bars.last_of_half(self.beat) == self.triggers.next();
        let half = Half { bars: self.bars, beat: self.beat, before_checkpoint };
        let levels = trees.iter().map(|tree| tree.level_count()).max().unwrap_or(0);
        for level in (0..levels).filter(|level| self.bars.is_active(*level, self.beat)) {
            for tree in trees.iter_mut().filter(|tree| level < tree.level_count()) {
                match tree.plan(level, &half) {
                    Ok(bytes) => self.budget.add(bytes),
                    Err(TreeIsFull) => return Err(BeatError::TreeIsFull { tree: tree.name() }),
                }
            }
        }
        Ok(())
    }

    /// Goes on as far as can be without waiting. Returns how the beat ended, once it has; without a beat, that the last
    /// one ended without a checkpoint.
    pub(crate) fn advance<S: Storage>(
        &mut self,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
    ) -> BeatEnd {
        loop {
            match std::mem::replace(&mut self.phase, Phase::Idle) {
                Phase::Failed(error) => {
                    self.phase = Phase::Failed(error);
                    return Some(Err(error));
                }
                // It ended without waiting for anything.
                Phase::Idle => return Some(Ok(None)),
                Phase::Log => match context.log.advance(context.grid) {
                    None => {
                        self.phase = Phase::Log;
                        return None;
                    }
                    Some(Ok(())) => {
                        if let Err(error) = self.compact(trees, context) {
                            return Some(Err(error));
                        }
                    }
                    Some(Err(error)) => {
                        return Some(Err(self.fail(BeatError::Grid(error), trees, context)));
                    }
                },
                Phase::Compacting(mut reservation) => {
                    match self.work(trees, context, &mut reservation) {
                        Ok(true) => {
                            context.grid.forfeit(reservation);
                            if let Err(error) = self.finish(trees, context) {
                                return Some(Err(error));
                            }
                        }
                        Ok(false) => {
                            self.phase = Phase::Compacting(reservation);
                            return None;
                        }
                        Err(error) => {
                            return Some(Err(self.fail(BeatError::Grid(error), trees, context)));
                        }
                    }
                }
                Phase::Closing => {
                    if let Err(error) = context.log.close(context.grid) {
                        return Some(Err(self.fail(BeatError::Grid(error), trees, context)));
                    }
                    let held = self.triggers.held_at(self.beat);
                    let checkpoint = Checkpoint::begin(held, context.log.references());
                    self.phase = Phase::Checkpointing(checkpoint);
                }
                Phase::Checkpointing(mut checkpoint) => {
                    let ended = checkpoint.advance(context.grid, context.superblock);
                    return self.checkpoint_ended(checkpoint, ended, trees, context);
                }
            }
        }
    }

    /// Takes a completion of the superblock, and goes on.
    ///
    /// # Panics
    ///
    /// If no checkpoint is under way.
    pub(crate) fn complete<S: Storage>(
        &mut self,
        completion: Completion,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
    ) -> BeatEnd {
        let Phase::Checkpointing(mut checkpoint) = std::mem::replace(&mut self.phase, Phase::Idle)
        else {
            panic!("scheduler: nobody waits for the superblock ({completion:?})");
        };
        let ended = checkpoint.complete(context.grid, context.superblock, completion);
        self.checkpoint_ended(checkpoint, ended, trees, context)
    }

    fn checkpoint_ended<S: Storage>(
        &mut self,
        checkpoint: Checkpoint,
        ended: Option<Result<(), CheckpointError>>,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
    ) -> BeatEnd {
        match ended {
            None => {
                self.phase = Phase::Checkpointing(checkpoint);
                None
            }
            Some(Ok(())) => {
                self.triggers.taken(self.beat);
                self.durable_at = self.beat + 1;
                Some(Ok(Some(self.triggers.held_at(self.beat))))
            }
            Some(Err(error)) => Some(Err(self.fail(BeatError::Checkpoint(error), trees, context))),
        }
    }

    /// Lets compactions work. Returns whether the work of the beat is done.
    fn work<S: Storage>(
        &mut self,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
        reservation: &mut Reservation,
    ) -> Result<bool, GridError> {
        while let Some((level, place)) = self.budget.current(self.bars, self.beat, trees) {
            let tree = &mut trees[place];
            if !tree.advance(level, context.grid, reservation)? {
                return Ok(false);
            }
            self.budget.done(tree.take_done(level));
        }
        Ok(true)
    }

    /// The work of the beat is done: the manifests change if the half ends. Not if a write failed: tables that may not be
    /// on the device take the place of none that are.
    fn finish<S: Storage>(
        &mut self,
        trees: &mut [&mut dyn Scheduled<S>],
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
            let levels = trees.iter().map(|tree| tree.level_count()).max().unwrap_or(0);
            for level in (0..levels).filter(|level| self.bars.is_active(*level, self.beat)) {
                for tree in trees.iter_mut().filter(|tree| level < tree.level_count()) {
                    tree.apply(level, context.pool, context.log, context.grid);
                }
            }
            context.log.compact_end(context.grid);
        }
        self.end_beat(trees, context);
        Ok(())
    }

    fn end_beat<S: Storage>(
        &mut self,
        trees: &mut [&mut dyn Scheduled<S>],
        _context: &mut Context<'_, S>,
    ) {
        for tree in trees.iter_mut() {
            tree.end_beat();
        }
        if self.bars.is_last_of_bar(self.beat) {
            for tree in trees.iter_mut() {
                tree.end_bar(self.beat + 1);
            }
        }
        let is_trigger = !self.triggers.is_replayed(self.beat) && self.beat == self.triggers.next();
        for tree in trees.iter() {
            assert!(
                !is_trigger || !tree.is_absorbed(),
                "scheduler: a checkpoint finds one bar in memory alone (tree {})",
                tree.name(),
            );
        }
        self.phase = if is_trigger { Phase::Closing } else { Phase::Idle };
    }

    /// No beat is begun any more.
    pub(crate) fn fail<S: Storage>(
        &mut self,
        error: BeatError,
        trees: &mut [&mut dyn Scheduled<S>],
        context: &mut Context<'_, S>,
    ) -> BeatError {
        for tree in trees.iter_mut() {
            tree.abandon(context.grid);
        }
        self.phase = Phase::Failed(error);
        error
    }
}

#[cfg(test)]
mod tests;

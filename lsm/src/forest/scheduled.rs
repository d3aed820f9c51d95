//! What the scheduler asks of a tree, whatever its records are.
//!
//! - Levels are those that are written.
//! - For one level the calls come in this order: plan; then commence and advance, beat by beat; then apply.
//!
//! What this does not do: it is not for users of trees.

use crate::collections::NodePool;
use crate::compaction::Bars;
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;
use crate::table::TableLayout;

/// A tree as the scheduler sees it.
pub(crate) trait Scheduled<S: Storage> {
    /// Its name, for people.
    fn name(&self) -> &'static str;

    /// Its levels.
    fn level_count(&self) -> u32;

    /// How many of its records make a block.
    fn layout(&self) -> &TableLayout;

    /// Plans the compaction into a level. Returns how many bytes it is to read.
    ///
    /// # Errors
    ///
    /// If the last level would have more tables than it may.
    fn plan(&mut self, level: u32, half: &Half) -> Result<u64, TreeIsFull>;

    /// Begins a beat with up to so many bytes of work. Returns how many values that are.
    fn commence(&mut self, level: u32, bytes: u64) -> u64;

    /// Goes on as far as can be without waiting. Returns whether the work of the beat is done.
    ///
    /// # Errors
    ///
    /// What cannot be read, or that nothing is written any more.
    fn advance(
        &mut self,
        level: u32,
        grid: &mut Grid<S>,
        reservation: &mut Reservation,
    ) -> Result<bool, GridError>;

    /// The bytes of work done since they were last taken.
    fn take_done(&mut self, level: u32) -> u64;

    /// Makes what was written take the place of what was read.
    fn apply(&mut self, level: u32, pool: &mut NodePool, log: &mut ManifestLog, grid: &mut Grid<S>);

    /// Sorts what was put at the beat.
    fn end_beat(&mut self);

    /// What was put in the bar is to be flushed in the next. It is seen from this snapshot on.
    fn end_bar(&mut self, snapshot: u64);

    /// Whether the table that waits to be flushed has records of an older bar than the last.
    fn is_absorbed(&self) -> bool;

    /// Gives up what is at work, and gives back what it holds.
    fn abandon(&mut self, grid: &mut Grid<S>);
}

/// The half of a bar that is planned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Half {
    pub(crate) bars: Bars,
    /// Its first beat.
    pub(crate) beat: u64,
    /// Whether a checkpoint follows it, which must find no older beats in memory than those of its own bar.
    pub(crate) before_checkpoint: bool,
}

/// A tree has as many tables as it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TreeIsFull;

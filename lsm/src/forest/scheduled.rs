//! The interface of a tree to the scheduler. It does not depend on the type of the tree's records.
//!
//! - A compaction is named by the level to which it writes.
//! - For one level the order of calls is: `plan`; `commence` and `advance` in each beat; `apply`.

use crate::collections::NodePool;
use crate::compaction::Bars;
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;
use crate::table::TableLayout;

/// A tree as the scheduler sees it.
pub(crate) trait Scheduled<S: Storage> {
    /// The tree's name, for messages.
    fn name(&self) -> &'static str;

    /// The number of levels.
    fn level_count(&self) -> u32;

    /// The size of a record, and how many records make a block and a table.
    fn layout(&self) -> &TableLayout;

    /// Plans the compaction into a level. Returns the bytes that it will read.
    ///
    /// # Errors
    ///
    /// If the last level already has as many tables as it may have.
    fn plan(&mut self, level: u32, half: &Half) -> Result<u64, TreeIsFull>;

    /// Begins a beat with up to `bytes` bytes of work. Returns the number of records to be merged.
    fn commence(&mut self, level: u32, bytes: u64) -> u64;

    /// Works until it must wait for the device or the work of the beat is done. Returns whether it
    /// is done.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or an earlier write failed.
    fn advance(
        &mut self,
        level: u32,
        grid: &mut Grid<S>,
        reservation: &mut Reservation,
    ) -> Result<bool, GridError>;

    /// Returns the bytes of work done since the last call, and resets the count.
    fn take_done(&mut self, level: u32) -> u64;

    /// Replaces the tables that were read by the tables that were written.
    fn apply(&mut self, level: u32, pool: &mut NodePool, log: &mut ManifestLog, grid: &mut Grid<S>);

    /// Sorts the records that were put since the last beat.
    fn end_beat(&mut self);

    /// Moves the records of the mutable table to the immutable one, to be flushed in a later bar.
    /// Readers from `snapshot` on see the immutable table.
    fn end_bar(&mut self, snapshot: u64);

    /// Whether the immutable table holds records of more than one bar.
    fn is_absorbed(&self) -> bool;

    /// Stops the work under way, and returns its blocks and reads to the grid.
    fn abandon(&mut self, grid: &mut Grid<S>);
}

/// The half-bar that is planned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Half {
    pub(crate) bars: Bars,
    /// Its first beat.
    pub(crate) beat: u64,
    /// Whether a checkpoint ends the half-bar. If so, the immutable table must be flushed.
    pub(crate) before_checkpoint: bool,
}

/// The last level of a tree has as many tables as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TreeIsFull;

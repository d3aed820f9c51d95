//! The interface of a tree that its forest and the scheduler of beats call. The interface does not
//! depend on the type of the tree's records.
//!
//! - A compaction is identified by the level to which it writes.
//! - For each level the order of calls in a half-bar is: `plan`; then `commence` and `advance` in
//!   each beat; then `apply`.

use super::{BarBlocks, Fullness, MergeCost};
use crate::block::Reason;
use crate::collections::NodePool;
use crate::compaction::Bars;
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError, Verification};
use crate::manifest_log::{LogEntry, ManifestLog};
use crate::storage::Storage;
use crate::table::TableLayout;

/// A tree as the scheduler sees it.
pub trait Scheduled<S: Storage> {
    /// Returns the number of the tree in its store, from 1.
    fn id(&self) -> u16;

    /// Begins to open the tree. The caller then adds its tables, in any order.
    ///
    /// # Panics
    ///
    /// If the tree is neither new nor reset.
    fn open_begin(&mut self);

    /// Adds a table from its entry in the log.
    ///
    /// # Errors
    ///
    /// Returns the reason why the table is invalid, if it is.
    ///
    /// # Panics
    ///
    /// If the tree is not being opened, or the entry is of another tree.
    fn open_table(&mut self, pool: &mut NodePool, entry: &LogEntry) -> Result<(), Reason>;

    /// Ends the opening, after all tables were added.
    ///
    /// # Panics
    ///
    /// If the tree is not being opened, or a level breaks an invariant.
    fn open_complete(&mut self);

    /// Resets the tree, so that it can be opened again. Block buffers return to the grid, and nodes
    /// to the pool.
    fn reset(&mut self, pool: &mut NodePool, grid: &mut Grid<S>);

    /// Returns the tree's name, for messages.
    fn name(&self) -> &'static str;

    /// Returns the number of levels.
    fn level_count(&self) -> u32;

    /// Returns the size of a record, and the number of records in a block and in a table.
    fn layout(&self) -> &TableLayout;

    /// Calls `take` with an entry for each table on disk, as the manifest log describes the table:
    /// level by level, in the order of the keys.
    fn for_each_table(&self, take: &mut dyn FnMut(&LogEntry));

    /// Reads and checks all blocks of all tables on disk. Waits for the device.
    fn verify_tables(&self, grid: &mut Grid<S>, verification: &mut Verification);

    /// Plans the compaction into a level. Returns the number of bytes that the compaction will
    /// read.
    ///
    /// # Errors
    ///
    /// If a table must go to a level that has no room for it, nor any level below.
    fn plan(&mut self, level: u32, half: &Half) -> Result<u64, TreeIsFull>;

    /// Plans a compaction into a level that is not due, to make room: it brings versions of a key
    /// together, and tombstones down to what they remove. `fits` says whether there are blocks for
    /// it. Returns the number of bytes that the compaction will read; 0 if none is planned.
    fn plan_optional(
        &mut self,
        level: u32,
        half: &Half,
        fits: &mut dyn FnMut(&MergeCost) -> bool,
    ) -> u64;

    /// Returns the maximum number of entries of the manifest log that applying the planned
    /// compaction into a level appends.
    fn entries(&self, level: u32) -> u64;

    /// Returns what the tree may write in the next bar; with `ahead`, in a later bar, if `ahead`
    /// more bars fill a memtable before.
    fn bar_blocks(&self, ahead: u64) -> BarBlocks;

    /// Returns the same for a bar after many removals, which leave tables in all levels.
    fn bar_blocks_with_removals(&self, ahead: u64) -> BarBlocks;

    /// Returns which writes the levels have room for in the next bar; with `ahead`, after `ahead`
    /// more bars that fill a memtable.
    fn fullness_of_levels(&self, ahead: u64) -> Fullness;

    /// Returns whether no records wait in the immutable table to be flushed.
    fn is_flushed(&self) -> bool;

    /// Begins a beat with up to `bytes` bytes of work. Returns the number of records to be merged.
    fn commence(&mut self, level: u32, bytes: u64) -> u64;

    /// Works until the work of the beat is done or the compaction must wait for the device. Returns
    /// whether the work of the beat is done.
    ///
    /// # Errors
    ///
    /// If a block cannot be read or is invalid, or an earlier write failed.
    fn advance(
        &mut self,
        level: u32,
        log: &ManifestLog,
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

    /// Returns whether the immutable table contains records of more than one bar.
    fn is_absorbed(&self) -> bool;

    /// Stops the running compaction, gives its buffers back to the grid, and abandons its reads.
    fn abandon(&mut self, grid: &mut Grid<S>);
}

/// A half-bar for which compactions are planned.
#[derive(Clone, Copy, Debug)]
pub struct Half {
    pub bars: Bars,
    /// The first beat of the half-bar.
    pub beat: u64,
    /// Whether a checkpoint ends the half-bar. If so, the immutable table must be flushed.
    pub before_checkpoint: bool,
    /// Whether puts are refused. If so, a table that goes to the deepest level is written again,
    /// without its tombstones.
    pub refuses_puts: bool,
}

/// A level of a tree, and each level below it, has as many tables as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeIsFull;

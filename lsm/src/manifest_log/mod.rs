//! The durable record of which tables exist: one log of events for all trees.
//!
//! ```text
//! checkpoint --> newest                                          oldest
//!                [ . . .     ] --> [ . . . . . ] --> .. --> [ . . . . . ] - - > gone
//!                  ^ trees append                              v live entries are appended again
//! ```
//!
//! - An entry says that a table is new, has changed (it moved to another level, or was replaced),
//!   or was removed. The newest entry of each table is valid.
//! - In every half-bar the oldest blocks are read, their live entries are appended again, and the
//!   blocks are released. [`LogPace`] decides how many, so that the length of the log is bounded
//!   whatever the trees append.
//! - After a table is removed, another table may get its address. The order of the entries
//!   distinguishes the two tables.
//! - Blocks are acquired in the order in which they receive their first entries, from a reservation
//!   that is made before the trees make theirs. The timing of I/O does not matter: the same events
//!   give the same bytes.
//! - A full block is closed and written as soon as the queue of writes has room. A checkpoint
//!   closes the open block, and acquires no block.
//! - The constructor allocates all memory, except the buffers of blocks, which come from the grid's
//!   pool.
//!
//! The caller runs a half-bar in these steps: [`ManifestLog::compact_begin`] before any tree
//! reserves blocks; [`ManifestLog::advance`] after each step of the grid, until trees may append;
//! [`ManifestLog::append`] for each event, in a deterministic order; [`ManifestLog::compact_end`].
//! A checkpoint follows with [`ManifestLog::close`], then [`ManifestLog::references`] for
//! [`Checkpoint::begin`](crate::checkpoint::Checkpoint::begin). Before all of these,
//! [`ManifestLog::open`] opens the log.
//!
//! In memory, the log has only the positions of the newest entries. The tables themselves are in
//! the manifests of the trees; opening the log reports them to the trees.
//!
//! Files: `entry` is an event, `block` the layout of entries in a block; `pace` is the speed of
//! compaction, `extents` has the positions of the newest entries; `compaction` is a half-bar,
//! `open` reads the log, `incarnations` decides which entries are live; `options` has the sizes,
//! `statistics` the counters, `inspect` the accessors and checks, and `verification` reads all
//! blocks. This file appends entries and closes blocks.

mod block;
mod compaction;
pub mod entry;
mod extents;
mod incarnations;
mod inspect;
mod open;
mod options;
pub mod pace;
mod statistics;
mod verification;

pub use entry::{LOG_ENTRY_SIZE, LOG_LEVEL_COUNT_MAX, LogEntry, LogEvent};
pub use extents::TableExtent;
pub use options::{InvalidManifestLog, ManifestLogOptions};
pub use pace::LogPace;
pub use statistics::ManifestLogStatistics;

use std::collections::VecDeque;

use block::OpenBlock;
use compaction::LogPhase;
use extents::Extents;
use incarnations::Incarnations;

use crate::block::{BlockReference, Corruption, Place, Reason};
use crate::check::verify;
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::storage::{Buffer, Layout, Storage};
use crate::superblock::ManifestReferences;

/// The durable record of which tables exist; see the [module](self).
#[derive(Debug)]
pub struct ManifestLog {
    options: ManifestLogOptions,
    limits: LogLimits,
    /// The limits for which there is memory: `limits`, unless blocks are added to the device.
    limits_max: LogLimits,
    /// The number of entries that fit into a block.
    entries_per_block: usize,
    /// Whether the log had blocks when it was opened. These blocks may be forged.
    had_blocks: bool,
    /// Blocks that are written or being written, oldest first.
    closed: VecDeque<BlockReference>,
    /// Full blocks that wait for the queue of writes, oldest first. There are none between two
    /// half-bars.
    full: VecDeque<OpenBlock>,
    /// The block before the oldest full one, or before the open one if there is no full one. It may
    /// have been compacted since.
    previous: BlockReference,
    /// The block that receives entries. `None` if nothing was appended since the last block was
    /// full or closed.
    open: Option<OpenBlock>,
    extents: Extents,
    phase: LogPhase,
    /// Blocks for the appends of this half-bar.
    reservation: Option<Reservation>,
    /// Buffers for these blocks.
    buffers: Vec<Buffer>,
    /// Entries that trees may still append in this half-bar.
    appends_left: u64,
    /// The reason why the log has failed, if it has.
    failed: Option<GridError>,
    /// Used only while the log is opened.
    incarnations: Incarnations,
    statistics: ManifestLogStatistics,
}

/// The limits of a log on a device with a certain number of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LogLimits {
    pace: LogPace,
    /// The number of blocks of the device.
    block_count: u64,
    /// The maximum number of closed blocks. The device limits it, too.
    blocks_max: usize,
    /// The maximum number of tables. The device limits it, too.
    table_count_max: usize,
}

impl LogLimits {
    fn new(options: &ManifestLogOptions, layout: &Layout) -> Result<Self, InvalidManifestLog> {
        let pace = options.pace(layout.block_size())?;
        let block_count = layout.block_count();
        let blocks_max = pace.blocks_limit().min(block_count) as usize;
        let table_count_max = u64::from(options.table_count_max).min(block_count) as usize;
        Ok(Self { pace, block_count, blocks_max, table_count_max })
    }
}

impl ManifestLog {
    /// A closed log for a device with this layout. All memory except the blocks' buffers is
    /// allocated here. The grid must have [`LogPace::buffers`] private buffers for the log, in
    /// addition to those of other components.
    ///
    /// # Errors
    ///
    /// The same as [`ManifestLogOptions::pace`].
    pub fn new(options: &ManifestLogOptions, layout: &Layout) -> Result<Self, InvalidManifestLog> {
        let limits = LogLimits::new(options, layout)?;
        let LogLimits { pace, block_count, blocks_max, table_count_max } = limits;
        let entries_per_block = block::entries_per_block(layout.block_size());
        let buffers = (pace.buffers() - 1).min(block_count) as usize;
        Ok(Self {
            options: *options,
            limits,
            limits_max: limits,
            entries_per_block,
            had_blocks: false,
            // After a failure, the half-bar under way may add the blocks of its appends.
            closed: VecDeque::with_capacity(blocks_max + pace.append_blocks() as usize + 1),
            // A half-bar has as many buffers, and may complete the block that was open.
            full: VecDeque::with_capacity(buffers + 1),
            previous: BlockReference::default(),
            open: None,
            extents: Extents::new(table_count_max),
            phase: LogPhase::Closed,
            reservation: None,
            buffers: Vec::with_capacity(buffers),
            appends_left: 0,
            failed: None,
            incarnations: Incarnations::new(block_count),
            statistics: ManifestLogStatistics::default(),
        })
    }

    /// Resets the log, so that it is closed, as in a new process. Reset the grid, too: the log
    /// drops its blocks and buffers without returning them.
    pub fn reset(&mut self) {
        let Self {
            options: _,
            limits,
            limits_max,
            entries_per_block: _,
            had_blocks,
            closed,
            full,
            previous,
            open,
            extents,
            phase,
            reservation,
            buffers,
            appends_left,
            failed,
            incarnations,
            statistics,
        } = self;
        *limits = *limits_max;
        *had_blocks = false;
        closed.clear();
        full.clear();
        *previous = BlockReference::default();
        *open = None;
        extents.clear();
        *phase = LogPhase::Closed;
        *reservation = None;
        buffers.clear();
        *appends_left = 0;
        *failed = None;
        incarnations.clear();
        *statistics = ManifestLogStatistics::default();
    }

    /// Reduces a closed log to one for a device with this layout, which has fewer blocks, until
    /// [`ManifestLog::grow`]. `options` are the sizes for that device.
    ///
    /// # Errors
    ///
    /// The same as [`ManifestLogOptions::pace`].
    ///
    /// # Panics
    ///
    /// If the log is open.
    pub(crate) fn limit(
        &mut self,
        options: &ManifestLogOptions,
        layout: &Layout,
    ) -> Result<(), InvalidManifestLog> {
        assert!(self.phase == LogPhase::Closed, "manifest_log: an open log must keep its limits");
        self.limits = LogLimits::new(options, layout)?;
        Ok(())
    }

    /// Accepts entries of tables in the blocks that were added to the device. The pace stays that
    /// of the device without them until [`ManifestLog::plan_with_all_blocks`].
    pub(crate) fn grow(&mut self) {
        self.limits = LogLimits { pace: self.limits.pace, ..self.limits_max };
    }

    /// Changes the pace to that of a device with all blocks.
    pub(crate) fn plan_with_all_blocks(&mut self) {
        self.limits = self.limits_max;
    }

    /// Appends an event of a table. If the entry fills the open block, the write of the block
    /// begins, once the queue of writes has room. If the grid refuses the write, the log has
    /// failed, and the next half-bar or checkpoint reports the error.
    ///
    /// # Panics
    ///
    /// If trees may not append now ([`ManifestLog::advance`]), or have already appended
    /// [`LogPace::entries_max`] entries in this half-bar; if the tree, the level or the address
    /// does not exist; if an inserted table exists already, or one that is updated or removed does
    /// not; or if there are too many tables.
    pub fn append<S: Storage>(&mut self, grid: &mut Grid<S>, entry: &LogEntry) {
        assert!(
            self.phase == LogPhase::Ready,
            "manifest_log: trees must append after blocks are compacted, and before the half-bar ends",
        );
        assert!(
            self.appends_left > 0,
            "manifest_log: no more than {} entries may be appended in a half-bar",
            self.limits.pace.entries_max(),
        );
        assert!(
            entry.tree() <= self.options.tree_id_max
                && entry.level() < self.options.level_count
                && entry.address() <= self.limits.block_count,
            "manifest_log: an entry must be of a tree, a level and a block that exist ({entry:?})",
        );
        let statistics = &mut self.statistics;
        let (count, is_new) = match entry.event() {
            LogEvent::Insert => (&mut statistics.inserts, true),
            LogEvent::Update => (&mut statistics.updates, false),
            LogEvent::Remove => (&mut statistics.removes, false),
        };
        assert!(
            self.extents.get(entry.address()).is_none() == is_new,
            "manifest_log: a table must be inserted once, then updated, then removed ({entry:?})",
        );
        *count += 1;
        self.appends_left -= 1;
        self.push(entry, grid);
    }

    /// Appends an entry, and updates the extent of its table.
    fn push<S: Storage>(&mut self, entry: &LogEntry, grid: &mut Grid<S>) {
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let reservation = self.reservation.as_mut();
                let address = reservation.and_then(|reservation| grid.acquire(reservation));
                let (Some(address), Some(buffer)) = (address, self.buffers.pop()) else {
                    unreachable!("manifest_log: blocks must be reserved for all entries");
                };
                none.insert(OpenBlock::new(address, buffer))
            }
        };
        let table = entry.address();
        if entry.event() == LogEvent::Remove {
            self.extents.remove(table);
        } else {
            let (block, entry) = (open.address, open.entry_count as u32);
            self.extents.put(TableExtent { table, block, entry });
        }
        open.push(entry);
        if open.entry_count == self.entries_per_block {
            self.statistics.blocks_closed_full += 1;
            self.fail_if_too_long();
            self.full.extend(self.open.take());
            self.write_full(grid);
        }
    }

    /// Closes full blocks and begins to write them, as far as the queue of writes has room.
    fn write_full<S: Storage>(&mut self, grid: &mut Grid<S>) {
        while (grid.has_write_room(1) || self.failed.is_some())
            && let Some(full) = self.full.pop_front()
        {
            self.write_block(full, grid);
        }
    }

    /// Closes a block and begins to write it. The queue of writes has room, or the log has failed.
    fn write_block<S: Storage>(&mut self, block: OpenBlock, grid: &mut Grid<S>) {
        let address = block.address;
        let (contents, buffer) = block.close(self.previous);
        let written = match self.failed {
            None => grid.write(address, &contents, buffer),
            Some(error) => {
                grid.give_buffer(buffer);
                Err(error)
            }
        };
        // A block whose write was refused stays in the list, so that the list has all blocks of the
        // log. It is never read.
        let reference = written.unwrap_or_else(|error| {
            self.fail(error);
            BlockReference { checksum: 0, address }
        });
        self.closed.push_back(reference);
        self.previous = reference;
    }

    /// Fails the log if another block would make it longer than its pace allows. No history makes
    /// such a log. But a forged log can have the newest entries of all its tables in its oldest
    /// blocks.
    ///
    /// # Panics
    ///
    /// If the log is too long, but had no blocks when it was opened.
    fn fail_if_too_long(&mut self) {
        if self.block_count() < self.limits.blocks_max {
            return;
        }
        assert!(
            self.had_blocks || self.failed.is_some(),
            "manifest_log: the log must not get longer than its pace allows ({} blocks)",
            self.limits.blocks_max,
        );
        self.fail(corruption(Place::Superblock, "the manifest log is longer than its limit"));
    }

    /// Closes the open block for a checkpoint, if there is one, and begins to write it. Acquires no
    /// block. Returns `None` if the queue of writes has no room: call it again after a step of the
    /// grid.
    ///
    /// # Errors
    ///
    /// If the log or a write or flush of the grid has failed.
    ///
    /// # Panics
    ///
    /// If the log is not open, or a half-bar is under way.
    pub fn close<S: Storage>(&mut self, grid: &mut Grid<S>) -> Option<Result<(), GridError>> {
        assert!(
            self.phase == LogPhase::Idle,
            "manifest_log: a checkpoint must be between half-bars of an open log",
        );
        if let Err(error) = self.refuse_if_failed(grid) {
            return Some(Err(error));
        }
        if self.open.is_some() && !grid.has_write_room(1) {
            return None;
        }
        if let Some(open) = self.open.take() {
            self.statistics.blocks_closed_partly += 1;
            self.fail_if_too_long();
            self.write_block(open, grid);
        }
        verify!(self.verify());
        Some(self.refuse_if_failed(grid))
    }

    /// The references to the log that a checkpoint stores.
    ///
    /// # Panics
    ///
    /// If a block is open, or the log has failed.
    #[must_use]
    pub fn references(&self) -> ManifestReferences {
        assert!(
            self.open.is_none() && self.full.is_empty() && self.failed.is_none(),
            "manifest_log: all entries must be in closed blocks for a checkpoint",
        );
        ManifestReferences {
            oldest: self.closed.front().copied().unwrap_or_default(),
            newest: self.closed.back().copied().unwrap_or_default(),
            block_count: self.closed.len() as u32,
        }
    }

    fn fail(&mut self, error: GridError) {
        self.failed.get_or_insert(error);
    }

    fn refuse_if_failed<S: Storage>(&mut self, grid: &Grid<S>) -> Result<(), GridError> {
        if let Some(fault) = grid.failed() {
            self.fail(GridError::Failed(fault));
        }
        self.failed.map_or(Ok(()), Err)
    }
}

/// A contradiction in the log or the superblock.
fn corruption(place: Place, what: &'static str) -> GridError {
    GridError::Corruption(Corruption { place, reason: Reason::Meaning(what) })
}

//! Which tables there are, on disk: one log of events for all trees.
//!
//! ```text
//! checkpoint --> newest                                          oldest
//!                [ . . .     ] --> [ . . . . . ] --> .. --> [ . . . . . ] - - > gone
//!                  ^ trees append                              v what is live is appended again
//! ```
//!
//! - An entry says that a table is new, or changed (it is at another level, or was replaced), or gone. Of each
//!   table the newest entry holds.
//! - In every half-bar the oldest blocks are read, what is live in them is appended again, and they are released.
//!   How many is a matter of [`Pace`]: enough that the log stays bounded, whatever trees append.
//! - The address of a table that is gone may be that of another table later on; entries of the two are told from
//!   each other by their order.
//! - Blocks are acquired in the order in which entries begin them, from a reservation that is made before those
//!   of trees. When I/O completes does not matter: the same events give the same bytes.
//! - A full block is closed at once, and written. A checkpoint closes the block at hand, and acquires none.
//! - All memory is allocated by the constructor; that of blocks is of the grid's pool.
//!
//! A half-bar, by who runs it: [`ManifestLog::compact_begin`] before any tree reserves blocks;
//! [`ManifestLog::advance`] after each step of the grid, until it says that trees may append; one
//! [`ManifestLog::append`] for each event, in an order that is always the same; [`ManifestLog::compact_end`].
//! A checkpoint, after that: [`ManifestLog::close`], then [`ManifestLog::references`] for
//! [`Checkpoint::begin`](crate::checkpoint::Checkpoint::begin). A start: [`ManifestLog::open`].
//!
//! What this does not do: it holds no table. Who appends holds them, and must get the same ones when the log is
//! opened.
//!
//! Files: `entry` is an event as it lies in a block, `block` how entries do; `pace` is how fast, `extents` where
//! the newest versions are; `compaction` is a half-bar, `open` a start, `incarnations` what holds when the log is
//! read; `options`, `statistics` and `inspect` are what their names say; appending is here.

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

pub use entry::{LOG_ENTRY_SIZE, LOG_LEVEL_COUNT_MAX, LogEntry, LogEvent};
pub use extents::TableExtent;
pub use options::{InvalidManifestLog, ManifestLogOptions};
pub use pace::Pace;
pub use statistics::ManifestLogStatistics;

use std::collections::VecDeque;

use block::OpenBlock;
use compaction::Phase;
use extents::Extents;
use incarnations::Incarnations;

use crate::block::{BODY_OFFSET, BlockReference};
use crate::check::verify;
use crate::grid::free_set::Reservation;
use crate::grid::{Grid, GridError};
use crate::storage::{Buffer, Layout, Storage};
use crate::superblock::ManifestReferences;

/// Which tables there are, on disk; see the [module](self).
#[derive(Debug)]
pub struct ManifestLog {
    options: ManifestLogOptions,
    pace: Pace,
    /// The entries that a block has room for.
    entries_per_block: usize,
    /// The blocks of the device.
    block_count: u64,
    /// The most closed blocks.
    blocks_max: usize,
    /// Blocks that are written or being written, the oldest first.
    closed: VecDeque<BlockReference>,
    /// The block that entries are put into; none if the last one is full or a checkpoint closed it.
    open: Option<OpenBlock>,
    extents: Extents,
    phase: Phase,
    /// Blocks for what is appended in this half-bar.
    reservation: Option<Reservation>,
    /// Memory for as many.
    buffers: Vec<Buffer>,
    /// Entries that trees may still append in this half-bar.
    appends_left: u64,
    /// Why nothing is begun any more.
    failed: Option<GridError>,
    /// In use while the log is opened.
    incarnations: Incarnations,
    statistics: ManifestLogStatistics,
}

impl ManifestLog {
    /// A log that is to be opened, in blocks of this layout. All memory but that of blocks is allocated here:
    /// the grid must have [`Pace::buffers`] private ones beside those for others.
    ///
    /// # Errors
    ///
    /// If [`ManifestLogOptions::validate`] refuses the options, a block has no room for an entry, or too few
    /// blocks would be compacted.
    pub fn new(options: &ManifestLogOptions, layout: &Layout) -> Result<Self, InvalidManifestLog> {
        let (block_size, block_count) = (layout.block_size(), layout.block_count());
        let entries_per_block = block::entries_per_block(block_size);
        if entries_per_block == 0 {
            let block_size_min = BODY_OFFSET + LOG_ENTRY_SIZE;
            return Err(InvalidManifestLog::BlockTooSmall { block_size, block_size_min });
        }
        let pace = Pace::new(options, entries_per_block as u64)?;
        // Neither can there be more blocks of the log than blocks, nor more tables.
        let blocks_max = pace.blocks_limit().min(block_count) as usize;
        let table_count_max = u64::from(options.table_count_max).min(block_count) as usize;
        let buffers = (pace.buffers() - 1).min(block_count) as usize;
        Ok(Self {
            options: *options,
            pace,
            entries_per_block,
            block_count,
            blocks_max,
            closed: VecDeque::with_capacity(blocks_max),
            open: None,
            extents: Extents::new(table_count_max),
            phase: Phase::Closed,
            reservation: None,
            buffers: Vec::with_capacity(buffers),
            appends_left: 0,
            failed: None,
            incarnations: Incarnations::new(block_count),
            statistics: ManifestLogStatistics::default(),
        })
    }

    /// Makes the log as new, to be opened again: what a process that starts finds. The grid is to be reset, too:
    /// what the log had of it ends.
    pub fn reset(&mut self) {
        let Self {
            options: _,
            pace: _,
            entries_per_block: _,
            block_count: _,
            blocks_max: _,
            closed,
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
        closed.clear();
        *open = None;
        extents.clear();
        *phase = Phase::Closed;
        *reservation = None;
        buffers.clear();
        *appends_left = 0;
        *failed = None;
        incarnations.clear();
        *statistics = ManifestLogStatistics::default();
    }

    /// Appends an event of a table. Should its block be full by that, it begins to be written; if it cannot be,
    /// the log has failed, which the next half-bar or checkpoint finds.
    ///
    /// # Panics
    ///
    /// If trees may not append now ([`ManifestLog::advance`]), or have appended as many as they may in a half-bar
    /// ([`Pace::entries_max`]); if the tree, the level or the address is none that there is; if a table that is
    /// inserted is there already, or one that is updated or removed is not; or if there are as many tables as
    /// there may be.
    pub fn append<S: Storage>(&mut self, grid: &mut Grid<S>, entry: &LogEntry) {
        assert!(
            self.phase == Phase::Ready,
            "manifest_log: trees must append after blocks are compacted, and before the half-bar ends",
        );
        assert!(
            self.appends_left > 0,
            "manifest_log: no more than {} entries must be appended in a half-bar",
            self.pace.entries_max(),
        );
        assert!(
            entry.tree() <= self.options.tree_id_max
                && entry.level() < self.options.level_count
                && entry.address() <= self.block_count,
            "manifest_log: an entry must be of a tree, a level and a block that there are ({entry:?})",
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

    /// Puts an entry behind all others, and notes where the newest version of its table is.
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
            self.close_open(grid);
        }
    }

    /// Closes the block that entries are put into, if there is one, and begins to write it.
    fn close_open<S: Storage>(&mut self, grid: &mut Grid<S>) {
        let Some(open) = self.open.take() else { return };
        assert!(
            self.closed.len() < self.blocks_max,
            "manifest_log: it must not get longer than its pace allows ({} blocks)",
            self.blocks_max,
        );
        let address = open.address;
        let previous = self.closed.back().copied().unwrap_or_default();
        let (contents, buffer) = open.close(previous);
        let written = grid.write(address, &contents, buffer);
        // One that was not written keeps its place, so that it stays accounted for. Nobody reads it.
        let reference = written.unwrap_or_else(|error| {
            self.fail(error);
            BlockReference { checksum: 0, address }
        });
        self.closed.push_back(reference);
    }

    /// Closes the block that is not full, if there is one, and begins to write it, for a checkpoint. No block is
    /// acquired.
    ///
    /// # Errors
    ///
    /// If the log has failed, or a write or flush of the grid.
    ///
    /// # Panics
    ///
    /// If the log is not open, or a half-bar has not ended.
    pub fn close<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<(), GridError> {
        assert!(
            self.phase == Phase::Idle,
            "manifest_log: a checkpoint must be between half-bars of an open log",
        );
        self.refuse_if_failed(grid)?;
        self.statistics.blocks_closed_partly += u64::from(self.open.is_some());
        self.close_open(grid);
        verify!(self.verify());
        self.refuse_if_failed(grid)
    }

    /// What a checkpoint is to say of the log.
    ///
    /// # Panics
    ///
    /// If there are entries in a block that is not closed, or the log has failed.
    #[must_use]
    pub fn references(&self) -> ManifestReferences {
        assert!(
            self.open.is_none() && self.failed.is_none(),
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

//! A half-bar of the log: its oldest blocks give way, then trees append.
//!
//! ```text
//! Idle --compact_begin--> Preparing    blocks are reserved, memory for all of them is looked for
//!                             |
//!                             v
//!                         Reading      the oldest block: what is live in it is appended again, and the
//!                             |        block is released; then the next
//!                             v
//!                          Ready       trees append
//!                             |
//! Idle <--compact_end---------+        what is left of blocks and memory goes back
//! ```
//!
//! - An entry is live if it is the very one that the extent of its table refers to. Extents are set with each
//!   append, so that no older version comes behind a newer one.
//! - What says that a table is gone may be dropped: all older entries of the table were compacted before.
//! - The oldest blocks go even if all of them is live, so that what lies behind them gets its turn.
//! - How many blocks are reserved and compacted follows from counts, in which order entries are appended from
//!   the log alone: when reads and writes complete does not matter.
//!
//! What this does not do: it compacts no tables.

use super::ManifestLog;
use super::block::LogBlock;
use super::entry::LogEvent;
use super::extents::TableExtent;
use crate::check::verify;
use crate::grid::{BlockHandle, Caching, Grid, GridError, ReadOutcome, ReadTicket};
use crate::storage::Storage;

/// How far a log is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It was not opened.
    Closed,
    /// It is between two half-bars.
    Idle,
    /// So many blocks are to be compacted, and there is not memory enough yet.
    Preparing { blocks: u64 },
    /// The oldest block is being read; so many are to be compacted, this one included.
    Reading { ticket: ReadTicket, blocks: u64 },
    /// Trees append.
    Ready,
}

impl ManifestLog {
    /// Begins a half-bar: reserves blocks for what will be appended. Call it before trees reserve theirs, and
    /// [`ManifestLog::advance`] next, and after every step of the grid.
    ///
    /// # Errors
    ///
    /// If the log has failed, or a write or flush of the grid; and [`GridError::Full`] if there are too few free
    /// blocks. Then no half-bar was begun.
    ///
    /// # Panics
    ///
    /// If the log is not open, or a half-bar has not ended.
    pub fn compact_begin<S: Storage>(&mut self, grid: &mut Grid<S>) -> Result<(), GridError> {
        assert!(
            self.phase == Phase::Idle,
            "manifest_log: a half-bar must begin when it is open and the last has ended",
        );
        self.refuse_if_failed(grid)?;
        let closed = self.closed.len() as u64;
        let blocks = self.pace.compact_blocks(closed, self.extents.len() as u64).min(closed);
        let Some(reservation) = grid.reserve(blocks + self.pace.append_blocks()) else {
            self.statistics.half_bars_refused += 1;
            return Err(GridError::Full);
        };
        self.reservation = Some(reservation);
        self.appends_left = self.pace.entries_max();
        self.phase = Phase::Preparing { blocks };
        self.statistics.half_bars += 1;
        Ok(())
    }

    /// Goes on with a half-bar as far as can be without waiting. `None` if it waits for memory or the device;
    /// otherwise trees may append, unless there is an error.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, or is not what it must be, or a write of the grid failed. The log has failed
    /// then: no further half-bar or checkpoint is begun until it is reset and opened again.
    ///
    /// # Panics
    ///
    /// If no half-bar was begun.
    pub fn advance<S: Storage>(&mut self, grid: &mut Grid<S>) -> Option<Result<(), GridError>> {
        assert!(
            self.phase != Phase::Closed && self.phase != Phase::Idle,
            "manifest_log: a half-bar must be begun to go on with it",
        );
        let could_append = self.phase == Phase::Ready;
        if self.refuse_if_failed(grid).is_err() {
            self.stop(grid);
        }
        while self.failed.is_none() {
            match std::mem::replace(&mut self.phase, Phase::Ready) {
                Phase::Closed | Phase::Idle | Phase::Ready => return Some(Ok(())),
                Phase::Preparing { blocks } => {
                    if !self.take_memory(blocks + self.pace.append_blocks(), grid) {
                        self.phase = Phase::Preparing { blocks };
                        self.statistics.memory_awaited += 1;
                        return None;
                    }
                    self.compact_next(blocks, grid);
                }
                Phase::Reading { ticket, blocks } => match grid.take_read(ticket) {
                    Err(ticket) => {
                        self.phase = Phase::Reading { ticket, blocks };
                        return None;
                    }
                    Ok(answer) => self.take_oldest(answer, blocks, grid),
                },
            }
        }
        // Trees that were told to append may go on; others are not told.
        if !could_append {
            self.appends_left = 0;
        }
        self.failed.map(Err)
    }

    /// After a failure no block is read any more: it may be one that was not written.
    fn stop<S: Storage>(&mut self, grid: &mut Grid<S>) {
        if let Phase::Reading { ticket, blocks: _ } =
            std::mem::replace(&mut self.phase, Phase::Ready)
        {
            grid.forget_read(ticket);
        }
    }

    /// Memory for so many blocks, or none at all: who holds some and waits for more may wait for ever.
    fn take_memory<S: Storage>(&mut self, count: u64, grid: &mut Grid<S>) -> bool {
        while (self.buffers.len() as u64) < count {
            let Some(buffer) = grid.take_buffer() else {
                self.give_memory(grid);
                return false;
            };
            self.buffers.push(buffer);
        }
        true
    }

    fn give_memory<S: Storage>(&mut self, grid: &mut Grid<S>) {
        while let Some(buffer) = self.buffers.pop() {
            grid.give_buffer(buffer);
        }
    }

    /// Compacts blocks as long as they can be read at once, and begins to read the next.
    fn compact_next<S: Storage>(&mut self, mut blocks: u64, grid: &mut Grid<S>) {
        while blocks > 0 && self.failed.is_none() {
            let oldest = self.closed.front().expect("manifest_log: a block must be there");
            match grid.read(*oldest, Caching::Use) {
                ReadOutcome::Pending(ticket) => {
                    self.phase = Phase::Reading { ticket, blocks };
                    return;
                }
                ReadOutcome::Ready(block) => {
                    self.compact_oldest(block, grid);
                    blocks -= 1;
                }
                ReadOutcome::Refused(error) => return self.fail(error),
            }
        }
        self.phase = Phase::Ready;
    }

    /// The oldest block was read: compacts it, and goes on with the next.
    fn take_oldest<S: Storage>(
        &mut self,
        answer: Result<BlockHandle, GridError>,
        blocks: u64,
        grid: &mut Grid<S>,
    ) {
        match answer {
            Ok(block) => {
                self.compact_oldest(block, grid);
                self.compact_next(blocks - 1, grid);
            }
            Err(error) => self.fail(error),
        }
    }

    /// Appends again what is live in the oldest block, and releases it.
    fn compact_oldest<S: Storage>(&mut self, block: BlockHandle, grid: &mut Grid<S>) {
        // Its bytes are those that were written, or were found right when the log was opened.
        let block = LogBlock::new(block).expect("manifest_log: a block of the log must be one");
        let address = block.address();
        for (number, entry) in block.entries() {
            let entry = entry.expect("manifest_log: a block of the log must be of entries");
            let table = entry.address();
            let here = TableExtent { table, block: address, entry: number };
            if entry.event() == LogEvent::Remove {
                self.statistics.removes_dropped += 1;
            } else if self.extents.get(table) == Some(&here) {
                self.push(&entry, grid);
                self.statistics.entries_kept += 1;
            } else {
                self.statistics.versions_dropped += 1;
            }
        }
        self.closed.pop_front();
        grid.release(address);
        self.statistics.blocks_compacted += 1;
    }

    /// Ends a half-bar: what is left of its blocks and its memory goes back. The block that is not full stays
    /// open, with its memory.
    ///
    /// # Panics
    ///
    /// If trees may not append yet, and the log has not failed; or no half-bar was begun.
    pub fn compact_end<S: Storage>(&mut self, grid: &mut Grid<S>) {
        assert!(
            self.phase == Phase::Ready,
            "manifest_log: a half-bar must end after its blocks are compacted",
        );
        let reservation = self.reservation.take();
        grid.forfeit(reservation.expect("manifest_log: a half-bar must have a reservation"));
        self.give_memory(grid);
        self.phase = Phase::Idle;
        verify!(self.verify());
    }
}

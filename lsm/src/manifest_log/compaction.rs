//! A half-bar of the log: its oldest blocks are compacted, then trees append.
//!
//! ```text
//! Idle --compact_begin--> Preparing    blocks are reserved; the log waits for buffers for them
//!                             |
//!                             v
//!                         Reading      the oldest block: its live entries are appended again, and
//!                             |        the block is released; then the next block
//!                             v
//!                          Ready       trees append
//!                             |
//! Idle <--compact_end---------+        unused blocks and buffers are returned, and full blocks are
//!                                      in the queue of writes
//! ```
//!
//! - An entry is live if it is exactly the entry that the extent of its table refers to. Each
//!   append sets the extent, so an older version is never appended after a newer one.
//! - A compacted remove is dropped, because all older entries of its table have been compacted
//!   before it.
//! - The oldest blocks are compacted even if all of their entries are live, so that the blocks
//!   after them are reached.
//! - The number of reserved and compacted blocks depends only on counts, and the order of appended
//!   entries only on the log: the timing of reads and writes does not matter.

use super::ManifestLog;
use super::block::LogBlock;
use super::entry::LogEvent;
use super::extents::TableExtent;
use crate::block::BlockReference;
use crate::check::verify;
use crate::grid::{BlockHandle, Caching, Grid, GridError, ReadOutcome, ReadTicket};
use crate::storage::Storage;

/// The state of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LogPhase {
    /// The log is not open.
    Closed,
    /// The log is between two half-bars.
    Idle,
    /// The log waits for the buffers of the `needed` blocks that it may fill. The half-bar compacts
    /// `blocks` blocks.
    Preparing { blocks: u64, needed: u64 },
    /// The log reads its oldest block. This many blocks remain to be compacted, including this one.
    Reading { ticket: ReadTicket, blocks: u64 },
    /// Trees may append.
    Ready,
}

impl ManifestLog {
    /// Begins a half-bar in which trees append at most `entries` entries: reserves blocks for all
    /// appends. Call it before the trees reserve theirs.
    /// Then call [`ManifestLog::advance`], and again after every step of the grid.
    ///
    /// # Errors
    ///
    /// If the log has failed, or a write or flush of the grid; [`GridError::Full`] if there are too
    /// few free blocks. After an error no half-bar has begun.
    ///
    /// # Panics
    ///
    /// If the log is not open, or a half-bar is under way; or if trees may not append so many
    /// entries ([`LogPace::entries_max`]).
    ///
    /// [`LogPace::entries_max`]: super::LogPace::entries_max
    pub fn compact_begin<S: Storage>(
        &mut self,
        entries: u64,
        grid: &mut Grid<S>,
    ) -> Result<(), GridError> {
        assert!(
            self.phase == LogPhase::Idle,
            "manifest_log: a half-bar must begin in an open log, after the last one has ended",
        );
        assert!(
            entries <= self.limits.pace.entries_max(),
            "manifest_log: no more than {} entries may be appended in a half-bar ({entries})",
            self.limits.pace.entries_max(),
        );
        self.refuse_if_failed(grid)?;
        let blocks = self.blocks_to_compact();
        let needed = self.blocks_of_half(entries);
        if needed > 0 {
            let Some(reservation) = grid.reserve(needed) else {
                self.statistics.half_bars_refused += 1;
                return Err(GridError::Full);
            };
            self.reservation = Some(reservation);
        }
        self.appends_left = entries;
        self.phase = LogPhase::Preparing { blocks, needed };
        self.statistics.half_bars += 1;
        Ok(())
    }

    /// Continues a half-bar as far as possible without waiting. Returns `None` if the half-bar
    /// waits for buffers or the device, and `Some(Ok(()))` once trees may append.
    ///
    /// # Errors
    ///
    /// If a block cannot be read or is invalid, or if a write of the grid has failed. After an
    /// error the log has failed: it begins no half-bar or checkpoint until it is reset and opened
    /// again.
    ///
    /// # Panics
    ///
    /// If no half-bar has begun.
    pub fn advance<S: Storage>(&mut self, grid: &mut Grid<S>) -> Option<Result<(), GridError>> {
        assert!(
            self.phase != LogPhase::Closed && self.phase != LogPhase::Idle,
            "manifest_log: a half-bar must have begun to continue",
        );
        let could_append = self.phase == LogPhase::Ready;
        if self.refuse_if_failed(grid).is_err() {
            self.stop(grid);
        }
        while self.failed.is_none() {
            match std::mem::replace(&mut self.phase, LogPhase::Ready) {
                LogPhase::Closed | LogPhase::Idle | LogPhase::Ready => return Some(Ok(())),
                LogPhase::Preparing { blocks, needed } => {
                    if !self.take_memory(needed, grid) {
                        self.phase = LogPhase::Preparing { blocks, needed };
                        self.statistics.memory_awaited += 1;
                        return None;
                    }
                    self.compact_next(blocks, grid);
                }
                LogPhase::Reading { ticket, blocks } => match grid.take_read(ticket) {
                    Err(ticket) => {
                        self.phase = LogPhase::Reading { ticket, blocks };
                        return None;
                    }
                    Ok(answer) => self.take_oldest(answer, blocks, grid),
                },
            }
        }
        // If trees could append before this call, they may continue. Otherwise they may not begin.
        if !could_append {
            self.appends_left = 0;
        }
        self.failed.map(Err)
    }

    /// Abandons the read of the oldest block after a failure, because that block may never have
    /// been written.
    fn stop<S: Storage>(&mut self, grid: &mut Grid<S>) {
        if let LogPhase::Reading { ticket, blocks: _ } =
            std::mem::replace(&mut self.phase, LogPhase::Ready)
        {
            grid.forget_read(ticket);
        }
    }

    /// Takes buffers for `count` blocks, or none at all: jobs that keep some buffers while they
    /// wait for more could block each other forever.
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

    /// Returns all buffers to the grid.
    fn give_memory<S: Storage>(&mut self, grid: &mut Grid<S>) {
        while let Some(buffer) = self.buffers.pop() {
            grid.give_buffer(buffer);
        }
    }

    /// Compacts blocks as long as their reads complete immediately, then begins to read the next
    /// block.
    fn compact_next<S: Storage>(&mut self, mut blocks: u64, grid: &mut Grid<S>) {
        while blocks > 0 && self.failed.is_none() {
            let oldest =
                self.closed.front().expect("manifest_log: a closed block must be left to compact");
            match grid.read(*oldest, Caching::Use) {
                ReadOutcome::Pending(ticket) => {
                    self.phase = LogPhase::Reading { ticket, blocks };
                    return;
                }
                ReadOutcome::Ready(block) => {
                    self.compact_oldest(block, grid);
                    blocks -= 1;
                }
                ReadOutcome::Refused(error) => return self.fail(error),
            }
        }
        self.phase = LogPhase::Ready;
    }

    /// Takes the completed read of the oldest block, and continues with the next block.
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

    /// Appends the live entries of the oldest block again, and releases the block.
    fn compact_oldest<S: Storage>(&mut self, block: BlockHandle, grid: &mut Grid<S>) {
        // The log wrote this block itself, or checked it when it was opened.
        let block =
            LogBlock::new(block).expect("manifest_log: a block to compact must be one of the log");
        let address = block.address();
        for (number, entry) in block.entries() {
            let entry = entry.expect("manifest_log: a block of the log must hold valid entries");
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
        if self.block_count() == 0 {
            self.previous = BlockReference::default();
        }
        grid.release(address);
        self.statistics.blocks_compacted += 1;
    }

    /// Ends a half-bar, and returns unused blocks and buffers to the grid. A block that is not full
    /// stays open, and keeps its buffer. Returns whether the half-bar has ended: it does not end
    /// while full blocks wait for the queue of writes. Then call this again after a step of the
    /// grid.
    ///
    /// # Panics
    ///
    /// If no half-bar has begun, or trees may not append yet and the log has not failed.
    #[must_use = "a half-bar that has not ended must be ended again"]
    pub fn compact_end<S: Storage>(&mut self, grid: &mut Grid<S>) -> bool {
        assert!(
            self.phase == LogPhase::Ready,
            "manifest_log: a half-bar must end after its blocks are compacted",
        );
        if let Some(reservation) = self.reservation.take() {
            grid.forfeit(reservation);
        }
        self.give_memory(grid);
        self.write_full(grid);
        if !self.full.is_empty() {
            return false;
        }
        self.phase = LogPhase::Idle;
        verify!(self.verify());
        true
    }
}

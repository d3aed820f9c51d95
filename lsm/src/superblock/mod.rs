//! The superblock: the root of the store, which names the current checkpoint. It has several
//! copies, which are written in an order that makes the switch to a new checkpoint atomic.
//!
//! ```text
//! checkpoint:  read all copies; those that do not contain n are in the first half
//!              write and flush the first half, read it back
//!              write and flush the second half, read all copies back
//! open:        flush, read all copies, choose one; then, once the caller has read what it refers
//!              to, write it as a checkpoint does
//!
//! copy       0     1     2     3
//!          [ n ] [ n ] [ n ] [ n ]       opens as n
//!          [n+1] [ ? ] [ n ] [ n ]       opens as n, or as n + 1 if both new copies are valid
//!          [n+1] [n+1] [ ? ] [ ? ]       opens as n + 1
//!          [n+1] [n+1] [n+1] [n+1]       opens as n + 1
//! ```
//!
//! - At all times at least half of the copies durably contain the same superblock and are not being
//!   written: the old superblock while the first half is written, the new superblock while the
//!   second half is written. So after a crash at any point, the old or the new superblock is
//!   opened.
//! - Half of the copies may be damaged while nothing is written. Damaged copies are written first,
//!   while the valid half is not touched.
//! - No copy is overwritten if too few copies are readable to decide which ones are valid.
//! - A copy is valid only in its own slot and only if its checksum matches. A superblock is opened
//!   only if at least half of the copies contain it ([`quorum`]).
//! - Opening flushes first, because the writes of a process that ended may be visible without being
//!   durable. The decision which copies may be overwritten must not depend on such writes. Then
//!   opening writes all copies again. So a remnant of an interrupted checkpoint never coexists with
//!   another superblock of the same sequence.
//! - When a checkpoint or an opening succeeds, every copy has been read back.
//! - Every superblock contains the checksum of the previous one. Sequences ascend by 1, and beats
//!   ascend.
//! - After a failed write or flush nothing is written until the superblock is reopened.
//!
//! The caller of [`Superblock::checkpoint`] makes the blocks that the checkpoint refers to durable
//! before the call.
//!
//! Files: `header` is the format of a copy, `state` the state of a checkpoint, `quorum` the choice
//! among copies, `halves` the order in which they are written, `copies` the buffers. `phase` is the
//! phases of the state machine, `steps` what follows the completion of an operation, `operations`
//! what is submitted then, `error` the reason of a failure, `statistics` the counters. This file
//! has the calls that begin an opening or a checkpoint.

mod copies;
mod error;
mod halves;
mod header;
mod operations;
mod phase;
pub mod quorum;
mod state;
mod statistics;
mod steps;

pub use error::SuperblockError;
pub use header::SuperblockHeader;
pub use state::{ChangingOptions, CheckpointState, ManifestReferences, Trailer};
pub use statistics::SuperblockStatistics;

use copies::Copies;
use halves::CopySet;
use phase::{Purpose, SuperblockPhase};

use crate::storage::{Fault, Layout, Operation, Storage};

/// The component number of superblocks in [`Owner`](crate::storage::Owner).
pub const SUPERBLOCK_OWNER: u16 = 1;

/// The root of a store; see the [module](self).
#[derive(Debug)]
pub struct Superblock {
    layout: Layout,
    copies: Copies,
    /// The current superblock, which at least half of the copies contain. All zero until a
    /// superblock is opened or formatted.
    working: SuperblockHeader,
    /// The superblock that is being written.
    staging: SuperblockHeader,
    phase: SuperblockPhase,
    /// The number of operations that are submitted and not completed.
    waiting: usize,
    /// The first fault of a write or flush in this phase.
    fault: Option<Fault>,
    /// The first fault of a read since all copies were last read for an opening or a checkpoint.
    unread: Option<Fault>,
    statistics: SuperblockStatistics,
}

impl Superblock {
    /// Creates a closed superblock. All memory is allocated here.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            layout: *layout,
            copies: Copies::new(layout),
            working: SuperblockHeader::zero(),
            staging: SuperblockHeader::zero(),
            phase: SuperblockPhase::Closed,
            waiting: 0,
            fault: None,
            unread: None,
            statistics: SuperblockStatistics::default(),
        }
    }

    /// Returns the superblock to its initial state. Operations that it left in the queue of a
    /// storage must not complete afterwards. Pass them to [`Superblock::take_back`] to reuse their
    /// memory.
    pub fn reset(&mut self) {
        self.copies.reset();
        self.working = SuperblockHeader::zero();
        self.staging = SuperblockHeader::zero();
        self.phase = SuperblockPhase::Closed;
        self.waiting = 0;
        self.fault = None;
        self.unread = None;
        self.statistics = SuperblockStatistics::default();
    }

    /// Writes the first superblock, of sequence 1, to a device and opens it. No other operation may
    /// complete during the call.
    ///
    /// # Errors
    ///
    /// Returns an error if the device fails. The device must then be formatted again.
    ///
    /// # Panics
    ///
    /// If the superblock is not closed, or the state contradicts itself.
    pub fn format<S: Storage>(
        &mut self,
        storage: &mut S,
        store: u128,
        state: &CheckpointState,
    ) -> Result<(), SuperblockError> {
        assert!(
            self.phase == SuperblockPhase::Closed,
            "superblock: it must be closed to be formatted"
        );
        state.assert_valid();
        let zero = SuperblockHeader::zero();
        self.staging = SuperblockHeader::following(&zero, &self.layout, store, state);
        self.write_halves(Purpose::Checkpoint, CopySet::default(), storage);
        self.pump(storage)
    }

    /// Opens the superblock: finds it, and writes it to all copies again. No other operation may
    /// complete during the call.
    ///
    /// # Errors
    ///
    /// Returns an error if the superblock is not found, or the device fails.
    ///
    /// # Panics
    ///
    /// If the superblock is not closed.
    pub fn open<S: Storage>(&mut self, storage: &mut S) -> Result<(), SuperblockError> {
        self.find(storage)?;
        self.settle(storage)
    }

    /// Flushes, reads all copies and chooses one, which it returns. Writes nothing, so that a store
    /// that is refused stays as it is. [`Superblock::settle`] completes the opening. No other
    /// operation may complete during the call.
    ///
    /// # Errors
    ///
    /// Returns an error if too many copies are damaged, the superblock is invalid or of another
    /// layout, or the device fails. If a read failed and too few copies were read, the error is the
    /// fault of the read: another attempt may succeed.
    ///
    /// # Panics
    ///
    /// If the superblock is not closed.
    pub fn find<S: Storage>(
        &mut self,
        storage: &mut S,
    ) -> Result<SuperblockHeader, SuperblockError> {
        assert!(
            self.phase == SuperblockPhase::Closed,
            "superblock: it must be closed to be opened"
        );
        self.phase = SuperblockPhase::Settling;
        self.submit(Operation::Flush, 0, storage);
        self.pump(storage)?;
        Ok(self.staging)
    }

    /// Writes the superblock that was found to all copies. It is open afterwards. No other
    /// operation may complete during the call.
    ///
    /// # Errors
    ///
    /// Returns an error if the device fails.
    ///
    /// # Panics
    ///
    /// If the superblock was not found.
    pub fn settle<S: Storage>(&mut self, storage: &mut S) -> Result<(), SuperblockError> {
        assert!(
            self.phase == SuperblockPhase::Found,
            "superblock: it must be found before it is written again"
        );
        let found = self.staging;
        self.write_over(self.holders(&found), Purpose::Opening, storage);
        self.pump(storage)
    }

    /// Begins to write the next superblock. The checkpoint has ended when [`Superblock::complete`]
    /// returns a result.
    ///
    /// # Panics
    ///
    /// If the superblock is not open and idle, if the state contradicts itself, or if the beat of
    /// the state is not greater than that of the current superblock.
    pub fn checkpoint<S: Storage>(&mut self, storage: &mut S, state: &CheckpointState) {
        assert!(
            self.phase == SuperblockPhase::Idle,
            "superblock: it must be open and idle for a checkpoint"
        );
        state.assert_valid();
        let before = self.working.state().beat;
        assert!(
            state.beat > before,
            "superblock: the beat of a checkpoint must be above the last one's ({before}, {})",
            state.beat,
        );
        let store = self.working.store();
        self.staging = SuperblockHeader::following(&self.working, &self.layout, store, state);
        self.look(Purpose::Checkpoint, storage);
    }

    /// Takes the memory of an operation of the superblock that will not complete
    /// ([`Storage::abandon`]). Memory that is not returned is allocated again when it is needed.
    ///
    /// # Panics
    ///
    /// If the operation is a read of anything but a copy.
    pub fn take_back(&mut self, operation: Operation) {
        if let Operation::Read { span, buffer } = operation {
            let copy = span.offset as usize / self.layout.superblock_copy_size();
            assert!(
                copy < self.layout.superblock_copies() && span == self.layout.superblock_copy(copy),
                "superblock: an abandoned read must be of a copy (offset {})",
                span.offset,
            );
            self.copies.read_ended(copy, buffer, false);
        }
    }

    /// Returns whether a superblock is open and no operation is running.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.phase == SuperblockPhase::Idle
    }

    /// Returns whether opening or a checkpoint failed, so that the superblock must be reopened.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.phase == SuperblockPhase::Failed
    }

    /// Returns the current superblock.
    ///
    /// # Panics
    ///
    /// If no superblock was opened or formatted.
    #[must_use]
    pub fn working(&self) -> &SuperblockHeader {
        assert!(self.working.sequence() > 0, "superblock: it must be open");
        &self.working
    }

    /// Returns the identity of the store; 0 if no superblock was opened or formatted.
    pub(crate) fn identity(&self) -> u128 {
        self.working.store()
    }

    /// Returns the counters since construction or the last reset.
    #[must_use]
    pub fn statistics(&self) -> &SuperblockStatistics {
        &self.statistics
    }

    /// Completes operations until the opening or the checkpoint has ended.
    fn pump<S: Storage>(&mut self, storage: &mut S) -> Result<(), SuperblockError> {
        loop {
            let Some(completion) = storage.step() else {
                return Err(self.fail_now(SuperblockError::Gone));
            };
            if let Some(result) = self.complete(storage, completion) {
                return result;
            }
        }
    }
}

//! The superblock: the root of the store, which names the current checkpoint. It has several
//! copies, which are written in an order that makes the switch to a new checkpoint atomic.
//!
//! ```text
//! checkpoint:  read all copies; those that do not contain n are in the first half
//!              write and flush the first half, read it back
//!              write and flush the second half, read all copies back
//! open:        flush, read all copies, choose one; then write it as a checkpoint does
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
//! among copies, `halves` the order in which they are written, `copies` the buffers. The state
//! machine is in this file.

mod copies;
mod halves;
mod header;
pub mod quorum;
mod state;

use std::error::Error;
use std::fmt;

pub use header::SuperblockHeader;
pub use state::{CheckpointState, ManifestReferences, Trailer};

use copies::Copies;
use halves::CopySet;

use crate::block::{Corruption, Place, Reason};
use crate::storage::{Completion, Fault, Layout, Operation, Owner, Storage};

/// The component number of superblocks in [`Owner`].
pub const SUPERBLOCK_OWNER: u16 = 1;

/// The maximum number of times that copies of a half are written again because they were read back
/// wrong.
const REWRITES_MAX: u32 = 2;

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

/// Counters since construction or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SuperblockStatistics {
    /// Completed checkpoints.
    pub checkpoints: u64,
    /// Completed openings.
    pub opens: u64,
    /// Copies that did not contain the opened superblock, or the superblock before a checkpoint,
    /// and were rewritten.
    pub repaired: u64,
    /// Copies that were read back wrong and written again.
    pub rewritten: u64,
    /// Copies whose read failed.
    pub unreadable: u64,
}

/// The phase of the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SuperblockPhase {
    /// The device has not been read.
    Closed,
    /// The superblock is open as `working`, and no operation is running.
    Idle,
    /// The device is flushed before the copies are read for opening.
    Settling,
    /// All copies are read.
    Looking(Purpose),
    /// Copies of `staging` are written.
    Writing(Round),
    /// These copies are made durable.
    Flushing(Round),
    /// These copies are read back; in the second half, all copies are.
    Verifying(Round),
    /// Opening or a checkpoint failed. The superblock must be reopened.
    Failed,
}

/// The purpose for which copies are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To open the superblock on the device.
    Opening,
    /// To write a new superblock.
    Checkpoint,
}

/// One round of writing, flushing and reading back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    purpose: Purpose,
    /// The copies in the first half.
    first: CopySet,
    half: Half,
    /// The copies that are written in this round.
    copies: CopySet,
    /// The number of times that copies of this half were written again.
    rewrites: u32,
}

/// The half of the copies that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// The half that may be overwritten first.
    First,
    /// The other half.
    Second,
}

/// The reason why opening or a checkpoint failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuperblockError {
    /// Too many copies are damaged, or the superblock is invalid.
    Corruption(Corruption),
    /// The device failed an operation.
    Fault(Fault),
    /// Copies were read back wrong each time they were written.
    Unverified,
    /// The device is gone: it completes no operations.
    Gone,
}

impl Error for SuperblockError {}

impl fmt::Display for SuperblockError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corruption(corruption) => corruption.fmt(formatter),
            Self::Fault(fault) => fault.fmt(formatter),
            Self::Unverified => formatter.write_str(
                "the device does not keep the superblock that is written to it: replace the device",
            ),
            Self::Gone => formatter.write_str("the device is gone: it completes no operations"),
        }
    }
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

    /// Flushes, reads all copies, chooses one and writes all copies again. No other operation may
    /// complete during the call.
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
    pub fn open<S: Storage>(&mut self, storage: &mut S) -> Result<(), SuperblockError> {
        assert!(
            self.phase == SuperblockPhase::Closed,
            "superblock: it must be closed to be opened"
        );
        self.phase = SuperblockPhase::Settling;
        self.submit(Operation::Flush, 0, storage);
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

    /// Handles a completion of the superblock ([`SUPERBLOCK_OWNER`]) and continues. Returns the
    /// result once the checkpoint or the opening has ended.
    ///
    /// # Panics
    ///
    /// If the superblock is not waiting for a completion, or the completion is of another
    /// component.
    pub fn complete<S: Storage>(
        &mut self,
        storage: &mut S,
        completion: Completion,
    ) -> Option<Result<(), SuperblockError>> {
        assert!(self.waiting > 0, "superblock: it must wait for the operation that completes");
        let Completion { owner, operation, result, ticket: _ } = completion;
        assert!(owner.component == SUPERBLOCK_OWNER, "superblock: a completion must be its own");
        self.waiting -= 1;
        match operation {
            Operation::Read { buffer, .. } => {
                // An unreadable copy is treated as damaged.
                self.statistics.unreadable += u64::from(result.is_err());
                self.copies.read_ended(owner.slot as usize, buffer, result.is_ok());
                self.unread = self.unread.or(result.err());
            }
            Operation::Write { buffer, .. } => {
                drop(buffer);
                self.fault = self.fault.or(result.err());
            }
            Operation::Flush => self.fault = self.fault.or(result.err()),
        }
        if self.waiting > 0 {
            return None;
        }
        if let Some(fault) = self.fault.take() {
            return Some(self.fail(SuperblockError::Fault(fault)));
        }
        match self.phase {
            SuperblockPhase::Closed | SuperblockPhase::Idle | SuperblockPhase::Failed => {
                unreachable!("superblock: nothing is submitted in phase {:?}", self.phase)
            }
            SuperblockPhase::Settling => {
                self.look(Purpose::Opening, storage);
                None
            }
            SuperblockPhase::Looking(Purpose::Opening) => self.choose(storage),
            SuperblockPhase::Looking(Purpose::Checkpoint) => self.follow(storage),
            SuperblockPhase::Writing(round) => {
                self.phase = SuperblockPhase::Flushing(round);
                self.submit(Operation::Flush, 0, storage);
                None
            }
            SuperblockPhase::Flushing(round) => {
                self.phase = SuperblockPhase::Verifying(round);
                self.read(self.read_back(round), storage);
                None
            }
            SuperblockPhase::Verifying(round) => self.verify(round, storage),
        }
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

    /// Returns the counters since construction or the last reset.
    #[must_use]
    pub fn statistics(&self) -> &SuperblockStatistics {
        &self.statistics
    }

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

    fn all(&self) -> CopySet {
        CopySet::all(self.layout.superblock_copies())
    }

    fn look<S: Storage>(&mut self, purpose: Purpose, storage: &mut S) {
        self.phase = SuperblockPhase::Looking(purpose);
        self.unread = None;
        self.read(self.all(), storage);
    }

    fn choose<S: Storage>(&mut self, storage: &mut S) -> Option<Result<(), SuperblockError>> {
        let headers = self.copies.headers();
        let chosen = match quorum::choose(headers) {
            Ok(slot) => headers[slot].expect("superblock: the chosen copy was read"),
            // If a copy was unreadable, the quorum may exist on the device.
            Err(reason) => {
                let fault = self.unread.map(SuperblockError::Fault);
                return Some(self.fail(fault.unwrap_or(corruption(reason))));
            }
        };
        if let Err(reason) = chosen.check_meaning(&self.layout) {
            return Some(self.fail(corruption(reason)));
        }
        self.staging = chosen;
        self.write_over(self.holders(&chosen), Purpose::Opening, storage);
        None
    }

    /// Begins to overwrite the copies, after all of them were read. Fails if too few copies contain
    /// the current superblock and some copies were unreadable, or if the next superblock could not
    /// be opened.
    fn follow<S: Storage>(&mut self, storage: &mut S) -> Option<Result<(), SuperblockError>> {
        if self.staging.sequence() > SuperblockHeader::SEQUENCE_MAX {
            return Some(self.fail(corruption(header::TOO_MANY)));
        }
        let sound = self.holders(&self.working);
        // After a crash, opening may need a copy that is unreadable now, so it must not be
        // overwritten.
        let suffices = sound.len() >= quorum::threshold(self.layout.superblock_copies());
        if let Some(fault) = self.unread.filter(|_| !suffices) {
            return Some(self.fail(SuperblockError::Fault(fault)));
        }
        self.write_over(sound, Purpose::Checkpoint, storage);
        None
    }

    /// Returns the copies that were read and contain this superblock.
    fn holders(&self, wanted: &SuperblockHeader) -> CopySet {
        self.all().filter(self.copies.headers(), |header| {
            header.is_some_and(|header| header.is_same(wanted))
        })
    }

    /// Begins to write all copies. `sound` is the set of copies that contain the current
    /// superblock.
    fn write_over<S: Storage>(&mut self, sound: CopySet, purpose: Purpose, storage: &mut S) {
        self.statistics.repaired += self.all().without(sound).len() as u64;
        self.write_halves(purpose, sound, storage);
    }

    /// Returns the copies to read back: all copies that must contain `staging` after this round.
    /// This includes copies that were verified before, because a misdirected write may have damaged
    /// them.
    fn read_back(&self, round: Round) -> CopySet {
        match round.half {
            Half::First => round.first,
            Half::Second => self.all(),
        }
    }

    fn verify<S: Storage>(
        &mut self,
        round: Round,
        storage: &mut S,
    ) -> Option<Result<(), SuperblockError>> {
        let Round { purpose, first, half, copies: _, rewrites } = round;
        let staging = &self.staging;
        let wrong = self.read_back(round).filter(self.copies.headers(), |header| {
            header.is_none_or(|header| !header.is_same(staging))
        });
        if !wrong.is_empty() {
            if rewrites == REWRITES_MAX {
                return Some(self.fail(SuperblockError::Unverified));
            }
            self.statistics.rewritten += wrong.len() as u64;
            self.write(Round { copies: wrong, rewrites: rewrites + 1, ..round }, storage);
            return None;
        }
        match half {
            Half::First => {
                let copies = self.all().without(first);
                self.write(
                    Round { purpose, first, half: Half::Second, copies, rewrites: 0 },
                    storage,
                );
                None
            }
            Half::Second => Some(self.finish(purpose)),
        }
    }

    fn finish(&mut self, purpose: Purpose) -> Result<(), SuperblockError> {
        match purpose {
            Purpose::Opening => self.statistics.opens += 1,
            Purpose::Checkpoint => self.statistics.checkpoints += 1,
        }
        self.working = self.staging;
        self.phase = SuperblockPhase::Idle;
        Ok(())
    }

    fn fail(&mut self, error: SuperblockError) -> Result<(), SuperblockError> {
        Err(self.fail_now(error))
    }

    fn fail_now(&mut self, error: SuperblockError) -> SuperblockError {
        self.phase = SuperblockPhase::Failed;
        error
    }

    /// Begins to write `staging` to all copies, to those that are not in `kept` first.
    fn write_halves<S: Storage>(&mut self, purpose: Purpose, kept: CopySet, storage: &mut S) {
        let first = halves::written_first(self.layout.superblock_copies(), kept);
        self.write(
            Round { purpose, first, half: Half::First, copies: first, rewrites: 0 },
            storage,
        );
    }

    fn write<S: Storage>(&mut self, round: Round, storage: &mut S) {
        assert!(!round.copies.is_empty(), "superblock: a round must write a copy");
        self.phase = SuperblockPhase::Writing(round);
        for copy in round.copies.iter() {
            let buffer = self.copies.write_begins(copy, &self.staging);
            let span = self.layout.superblock_copy(copy);
            self.submit(Operation::Write { span, buffer }, copy, storage);
        }
    }

    fn read<S: Storage>(&mut self, copies: CopySet, storage: &mut S) {
        for copy in copies.iter() {
            let buffer = self.copies.read_begins(copy);
            let span = self.layout.superblock_copy(copy);
            self.submit(Operation::Read { span, buffer }, copy, storage);
        }
    }

    fn submit<S: Storage>(&mut self, operation: Operation, copy: usize, storage: &mut S) {
        let owner = Owner { component: SUPERBLOCK_OWNER, slot: copy as u32 };
        storage.submit(operation, owner);
        self.waiting += 1;
    }
}

fn corruption(reason: Reason) -> SuperblockError {
    SuperblockError::Corruption(Corruption { place: Place::Superblock, reason })
}

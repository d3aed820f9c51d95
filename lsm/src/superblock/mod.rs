//! The root: which checkpoint the store is at, in several copies that are switched at once.
//!
//! ```text
//! checkpoint:  read all copies; those that do not hold n are of the first half
//!              write and flush the first half, read it back
//!              write and flush the second half, read all copies back
//! open:        flush, read all copies, choose; the same with what was chosen
//!
//! copy       0     1     2     3
//!          [ n ] [ n ] [ n ] [ n ]       opens as n
//!          [n+1] [ ? ] [ n ] [ n ]       opens as n, or as n + 1 if both new ones are whole
//!          [n+1] [n+1] [ ? ] [ ? ]       opens as n + 1
//!          [n+1] [n+1] [n+1] [n+1]       opens as n + 1
//! ```
//!
//! - At every moment half of the copies, none of which is being written, hold the same superblock, and
//!   durably: the old one while the first half is written, the new one while the second is. So a crash at any
//!   point opens as the old or the new one.
//! - Half of the copies may be damaged when nothing is written: what is damaged is written first, while
//!   the sound half stays as it is.
//! - Nothing is written over while too few copies could be read to know that.
//! - A copy counts in its own slot only, and only if its bytes are whole. A superblock is opened if half
//!   of the copies hold it ([`quorum`]).
//! - Opening flushes first: what a process wrote that died may be visible and not durable, and nothing is
//!   written over on the strength of that. Then it writes all copies anew, so that no leftover of an
//!   interrupted checkpoint can meet another one of the same sequence.
//! - When a checkpoint or an opening ends, every copy was read back.
//! - Every superblock names the one before it by checksum; sequences rise by one, beats rise.
//! - After a failed write or flush nothing is written until the superblock is opened again.
//!
//! What it does not do: it does not flush the blocks that a checkpoint refers to. Who calls
//! [`Superblock::checkpoint`] has made them durable before.
//!
//! Files: `header` is a copy as it is on the device, `state` what a checkpoint says, `quorum` the choice
//! among copies, `halves` the order in which they are written; `copies` holds the buffers; the state machine
//! is here.

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

use crate::block::{Corruption, Place};
use crate::storage::{Completion, Fault, Layout, Operation, Owner, Storage};

/// The component number of superblocks in [`Owner`].
pub const SUPERBLOCK_OWNER: u16 = 1;

/// How often copies that were read back wrong are written again before it is given up.
const REWRITES_MAX: u32 = 2;

/// The root of a store; see the [module](self).
#[derive(Debug)]
pub struct Superblock {
    layout: Layout,
    copies: Copies,
    /// What the store is at: held by half of the copies or more. All zero before the first.
    working: SuperblockHeader,
    /// What is being written.
    staging: SuperblockHeader,
    phase: Phase,
    /// Operations submitted and not completed.
    waiting: usize,
    /// The first write or flush of the phase that failed.
    fault: Option<Fault>,
    /// The first read of the phase that failed.
    unread: Option<Fault>,
    statistics: SuperblockStatistics,
}

/// What has happened since the superblock was made, or made as new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SuperblockStatistics {
    /// Checkpoints that were completed.
    pub checkpoints: u64,
    /// Openings that were completed.
    pub opens: u64,
    /// Copies that did not hold what was opened, or what a checkpoint followed. They were written anew.
    pub repaired: u64,
    /// Copies that were read back wrong, and written again.
    pub rewritten: u64,
    /// Copies that could not be read.
    pub unreadable: u64,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is known of the device.
    Closed,
    /// The store is at `working`, and nothing is being done.
    Idle,
    /// What is visible is being made durable, before it is looked at to be opened.
    Settling,
    /// All copies are being read, to see what they hold.
    Looking(Purpose),
    /// Copies of `staging` are being written.
    Writing(Round),
    /// They are being made durable.
    Flushing(Round),
    /// They are being read back.
    Verifying(Round),
    /// A fault; the superblock must be opened again.
    Failed,
}

/// What for copies are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To open what is there.
    Opening,
    /// To go on to a new superblock.
    Checkpoint,
}

/// One round of writing, flushing and reading back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    purpose: Purpose,
    /// The first half.
    first: CopySet,
    half: Half,
    /// Those that are written in this round.
    copies: CopySet,
    /// How often copies of the half were written again already.
    rewrites: u32,
}

/// Which copies it is the turn of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// Those of which less depends.
    First,
    /// The others.
    Second,
}

/// Why there is no superblock, or no new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuperblockError {
    /// The copies are damaged beyond what their number allows.
    Corruption(Corruption),
    /// The device failed.
    Fault(Fault),
    /// Copies were written and read back otherwise, again and again.
    Unverified,
    /// The device completes nothing any more.
    Gone,
}

impl Error for SuperblockError {}

impl fmt::Display for SuperblockError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corruption(corruption) => corruption.fmt(formatter),
            Self::Fault(fault) => fault.fmt(formatter),
            Self::Unverified => formatter.write_str(
                "the device does not keep what is written to the superblock: replace the device",
            ),
            Self::Gone => formatter.write_str("the device completes nothing any more"),
        }
    }
}

impl Superblock {
    /// A superblock that knows nothing yet. All memory is allocated here.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            layout: *layout,
            copies: Copies::new(layout),
            working: SuperblockHeader::zero(),
            staging: SuperblockHeader::zero(),
            phase: Phase::Closed,
            waiting: 0,
            fault: None,
            unread: None,
            statistics: SuperblockStatistics::default(),
        }
    }

    /// Makes the superblock as new. What it has in the queue of a storage must not complete any more; its
    /// memory may be given back ([`Superblock::take_back`]).
    pub fn reset(&mut self) {
        self.copies.reset();
        self.working = SuperblockHeader::zero();
        self.staging = SuperblockHeader::zero();
        self.phase = Phase::Closed;
        self.waiting = 0;
        self.fault = None;
        self.unread = None;
        self.statistics = SuperblockStatistics::default();
    }

    /// Writes the first superblock, of sequence 1, to a device, and opens it. Runs alone: all that
    /// completes meanwhile is its own.
    ///
    /// # Errors
    ///
    /// If the device fails. The device is then to be formatted again.
    ///
    /// # Panics
    ///
    /// If the superblock is open, or the state contradicts itself.
    pub fn format<S: Storage>(
        &mut self,
        storage: &mut S,
        store: u128,
        state: &CheckpointState,
    ) -> Result<(), SuperblockError> {
        assert!(self.phase == Phase::Closed, "superblock: it must be closed to be formatted");
        state.assert_valid();
        let zero = SuperblockHeader::zero();
        self.staging = SuperblockHeader::following(&zero, &self.layout, store, state);
        self.write_halves(Purpose::Checkpoint, CopySet::default(), storage);
        self.pump(storage)
    }

    /// Flushes, reads all copies, chooses, and writes all of them anew. Runs alone: all that completes meanwhile is
    /// its own.
    ///
    /// # Errors
    ///
    /// If the copies are damaged beyond what their number allows, or the device fails. If it failed to
    /// read a copy, and those that it did read do not suffice, that is the error: another attempt may
    /// succeed.
    ///
    /// # Panics
    ///
    /// If the superblock is open.
    pub fn open<S: Storage>(&mut self, storage: &mut S) -> Result<(), SuperblockError> {
        assert!(self.phase == Phase::Closed, "superblock: it must be closed to be opened");
        self.phase = Phase::Settling;
        self.submit(Operation::Flush, 0, storage);
        self.pump(storage)
    }

    /// Begins to write the next superblock. It is done when [`Superblock::complete`] says so.
    ///
    /// # Panics
    ///
    /// If the superblock is not open or failed or busy, if the state contradicts itself, or if its beat is
    /// not above that of the current one.
    pub fn checkpoint<S: Storage>(&mut self, storage: &mut S, state: &CheckpointState) {
        assert!(self.phase == Phase::Idle, "superblock: it must be open and idle for a checkpoint");
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

    /// Takes a completion that is the superblock's ([`SUPERBLOCK_OWNER`]), and goes on. Returns how the
    /// checkpoint or the opening ended, once it has.
    ///
    /// # Panics
    ///
    /// If the superblock waits for no completion.
    pub fn complete<S: Storage>(
        &mut self,
        storage: &mut S,
        completion: Completion,
    ) -> Option<Result<(), SuperblockError>> {
        assert!(self.waiting > 0, "superblock: it must wait for what completes");
        let Completion { owner, operation, result, ticket: _ } = completion;
        assert!(owner.component == SUPERBLOCK_OWNER, "superblock: a completion must be its own");
        self.waiting -= 1;
        match operation {
            Operation::Read { buffer, .. } => {
                // A copy that cannot be read is one that is damaged.
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
            Phase::Closed | Phase::Idle | Phase::Failed => {
                unreachable!("superblock: nothing is submitted in phase {:?}", self.phase)
            }
            Phase::Settling => {
                self.look(Purpose::Opening, storage);
                None
            }
            Phase::Looking(Purpose::Opening) => self.choose(storage),
            Phase::Looking(Purpose::Checkpoint) => self.follow(storage),
            Phase::Writing(round) => {
                self.phase = Phase::Flushing(round);
                self.submit(Operation::Flush, 0, storage);
                None
            }
            Phase::Flushing(round) => {
                self.phase = Phase::Verifying(round);
                self.read(self.read_back(round), storage);
                None
            }
            Phase::Verifying(round) => self.verify(round, storage),
        }
    }

    /// Takes back the memory of an operation of its own that will not complete any more
    /// ([`Storage::abandon`]). What is not given back is allocated again when it is needed.
    ///
    /// # Panics
    ///
    /// If it is a read of something else than a copy.
    pub fn take_back(&mut self, operation: Operation) {
        if let Operation::Read { span, buffer } = operation {
            let copy = span.offset as usize / self.layout.superblock_copy_size();
            assert!(
                copy < self.layout.superblock_copies() && span == self.layout.superblock_copy(copy),
                "superblock: what is taken back must be its own (offset {})",
                span.offset,
            );
            self.copies.read_ended(copy, buffer, false);
        }
    }

    /// Whether a superblock is open and nothing is being done.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.phase == Phase::Idle
    }

    /// Whether a device failed, so that the superblock must be opened again.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.phase == Phase::Failed
    }

    /// What the store is at.
    ///
    /// # Panics
    ///
    /// If no superblock was opened.
    #[must_use]
    pub fn working(&self) -> &SuperblockHeader {
        assert!(self.working.sequence() > 0, "superblock: it must be open");
        &self.working
    }

    /// What has happened.
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
        self.phase = Phase::Looking(purpose);
        self.unread = None;
        self.read(self.all(), storage);
    }

    fn choose<S: Storage>(&mut self, storage: &mut S) -> Option<Result<(), SuperblockError>> {
        let corruption =
            |reason| SuperblockError::Corruption(Corruption { place: Place::Superblock, reason });
        let headers = self.copies.headers();
        let chosen = match quorum::choose(headers) {
            Ok(slot) => headers[slot].expect("superblock: what was chosen was read"),
            // What could not be read may be what is missing.
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

    /// All copies were read: the new superblock is written over those that hold the current one.
    fn follow<S: Storage>(&mut self, storage: &mut S) -> Option<Result<(), SuperblockError>> {
        let sound = self.holders(&self.working);
        // What could not be read may be what a crash would need.
        let suffices = sound.len() >= quorum::threshold(self.layout.superblock_copies());
        if let Some(fault) = self.unread.filter(|_| !suffices) {
            return Some(self.fail(SuperblockError::Fault(fault)));
        }
        self.write_over(sound, Purpose::Checkpoint, storage);
        None
    }

    /// The copies that hold this superblock, as far as was read.
    fn holders(&self, wanted: &SuperblockHeader) -> CopySet {
        self.all().filter(self.copies.headers(), |header| {
            header.is_some_and(|header| header.is_same(wanted))
        })
    }

    /// Begins to write all copies, of which the sound ones hold what the store is at.
    fn write_over<S: Storage>(&mut self, sound: CopySet, purpose: Purpose, storage: &mut S) {
        self.statistics.repaired += self.all().without(sound).len() as u64;
        self.write_halves(purpose, sound, storage);
    }

    /// What is read back: all copies that must hold `staging` by then. A write that went astray may have hit
    /// one that was right before.
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
        self.phase = Phase::Idle;
        Ok(())
    }

    fn fail(&mut self, error: SuperblockError) -> Result<(), SuperblockError> {
        Err(self.fail_now(error))
    }

    fn fail_now(&mut self, error: SuperblockError) -> SuperblockError {
        self.phase = Phase::Failed;
        error
    }

    /// Begins to write `staging` to all copies, to those that are not to be kept first.
    fn write_halves<S: Storage>(&mut self, purpose: Purpose, kept: CopySet, storage: &mut S) {
        let first = halves::written_first(self.layout.superblock_copies(), kept);
        self.write(
            Round { purpose, first, half: Half::First, copies: first, rewrites: 0 },
            storage,
        );
    }

    fn write<S: Storage>(&mut self, round: Round, storage: &mut S) {
        assert!(!round.copies.is_empty(), "superblock: a round must write a copy");
        self.phase = Phase::Writing(round);
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

//! The steps of the state machine: what follows the completion of an operation.

use super::phase::{Half, Purpose, Round, SuperblockPhase};
use super::{SUPERBLOCK_OWNER, Superblock, SuperblockError, SuperblockHeader, header, quorum};
use crate::storage::{Completion, Operation, Storage};

/// The maximum number of times that copies of a half are written again because they were read back
/// wrong.
const REWRITES_MAX: u32 = 2;

impl Superblock {
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
            SuperblockPhase::Closed
            | SuperblockPhase::Found
            | SuperblockPhase::Idle
            | SuperblockPhase::Failed => {
                unreachable!("superblock: nothing is submitted in phase {:?}", self.phase)
            }
            SuperblockPhase::Settling => {
                self.look(Purpose::Opening, storage);
                None
            }
            SuperblockPhase::Looking(Purpose::Opening) => Some(self.choose()),
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

    /// Chooses the superblock to open, after all copies were read. Fails if too few copies contain
    /// one superblock, or if it is invalid.
    fn choose(&mut self) -> Result<(), SuperblockError> {
        let headers = self.copies.headers();
        let chosen = match quorum::choose(headers) {
            Ok(slot) => headers[slot].expect("superblock: the chosen copy was read"),
            // If a copy was unreadable, the quorum may exist on the device.
            Err(reason) => {
                let fault = self.unread.map(SuperblockError::Fault);
                return self.fail(fault.unwrap_or(SuperblockError::corruption(reason)));
            }
        };
        if let Err(reason) = chosen.check_meaning(&self.layout) {
            return self.fail(SuperblockError::corruption(reason));
        }
        self.staging = chosen;
        self.phase = SuperblockPhase::Found;
        Ok(())
    }

    /// Begins to overwrite the copies, after all of them were read. Fails if too few copies contain
    /// the current superblock and some copies were unreadable, or if the next superblock could not
    /// be opened.
    fn follow<S: Storage>(&mut self, storage: &mut S) -> Option<Result<(), SuperblockError>> {
        if self.staging.sequence() > SuperblockHeader::SEQUENCE_MAX {
            return Some(self.fail(SuperblockError::corruption(header::TOO_MANY)));
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

    /// Checks the copies that were read back. Begins to write the wrong copies again, or the other
    /// half, or finishes.
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

    /// Ends the opening or the checkpoint with an error.
    pub(super) fn fail_now(&mut self, error: SuperblockError) -> SuperblockError {
        self.phase = SuperblockPhase::Failed;
        error
    }
}

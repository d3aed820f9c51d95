//! The operations that the state machine submits, and the copies that they read and write.

use super::halves::{self, CopySet};
use super::phase::{Half, Purpose, Round, SuperblockPhase};
use super::{SUPERBLOCK_OWNER, Superblock, SuperblockHeader};
use crate::storage::{Operation, Owner, Storage};

impl Superblock {
    /// Begins to read all copies.
    pub(super) fn look<S: Storage>(&mut self, purpose: Purpose, storage: &mut S) {
        self.phase = SuperblockPhase::Looking(purpose);
        self.unread = None;
        self.read(self.all(), storage);
    }

    /// Begins to write all copies. `sound` is the set of copies that contain the current
    /// superblock.
    pub(super) fn write_over<S: Storage>(
        &mut self,
        sound: CopySet,
        purpose: Purpose,
        storage: &mut S,
    ) {
        self.statistics.repaired += self.all().without(sound).len() as u64;
        self.write_halves(purpose, sound, storage);
    }

    /// Begins to write `staging` to all copies, to those that are not in `kept` first.
    pub(super) fn write_halves<S: Storage>(
        &mut self,
        purpose: Purpose,
        kept: CopySet,
        storage: &mut S,
    ) {
        let first = halves::written_first(self.layout.superblock_copies(), kept);
        self.write(
            Round { purpose, first, half: Half::First, copies: first, rewrites: 0 },
            storage,
        );
    }

    pub(super) fn write<S: Storage>(&mut self, round: Round, storage: &mut S) {
        assert!(!round.copies.is_empty(), "superblock: a round must write a copy");
        self.phase = SuperblockPhase::Writing(round);
        for copy in round.copies.iter() {
            let buffer = self.copies.write_begins(copy, &self.staging);
            let span = self.layout.superblock_copy(copy);
            self.submit(Operation::Write { span, buffer }, copy, storage);
        }
    }

    pub(super) fn read<S: Storage>(&mut self, copies: CopySet, storage: &mut S) {
        for copy in copies.iter() {
            let buffer = self.copies.read_begins(copy);
            let span = self.layout.superblock_copy(copy);
            self.submit(Operation::Read { span, buffer }, copy, storage);
        }
    }

    pub(super) fn submit<S: Storage>(
        &mut self,
        operation: Operation,
        copy: usize,
        storage: &mut S,
    ) {
        let owner = Owner { component: SUPERBLOCK_OWNER, slot: copy as u32 };
        storage.submit(operation, owner);
        self.waiting += 1;
    }

    pub(super) fn all(&self) -> CopySet {
        CopySet::all(self.layout.superblock_copies())
    }

    /// Returns the copies to read back: all copies that must contain `staging` after this round.
    /// This includes copies that were verified before, because a misdirected write may have damaged
    /// them.
    pub(super) fn read_back(&self, round: Round) -> CopySet {
        match round.half {
            Half::First => round.first,
            Half::Second => self.all(),
        }
    }

    /// Returns the copies that were read and contain this superblock.
    pub(super) fn holders(&self, wanted: &SuperblockHeader) -> CopySet {
        self.all().filter(self.copies.headers(), |header| {
            header.is_some_and(|header| header.is_same(wanted))
        })
    }
}

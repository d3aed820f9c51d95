//! Executes an operation when it completes, together with the fault that strikes it.
//!
//! `queue` chooses which operation completes.

use std::io;

use downbeat_lsm::storage::{Access, Fault, Operation, Span, Zone};

use super::chance::Site;
use super::counts::Outcome;
use super::damage::{Damage, garble};
use super::faults::FaultKind;
use super::limits::{FaultLimits, Unit};
use super::log::Mark;
use super::mishaps::Mishap;
use super::{SimulatedDisk, Unreadable};
use crate::pick;

/// The error that a fault returns to the store.
fn fault(access: Access, offset: u64) -> Fault {
    Fault::new(access, offset, &io::ErrorKind::Other.into())
}

impl SimulatedDisk {
    pub(super) fn perform(&mut self, operation: &mut Operation, mark: Mark) -> Result<(), Fault> {
        let result = match operation {
            Operation::Read { span, buffer } => {
                self.read(*span, &mut buffer.bytes_mut()[..span.length])
            }
            Operation::Write { span, buffer } => self.write(*span, &buffer.bytes()[..span.length]),
            Operation::Flush => self.flush(mark),
        };
        if let Err(Fault { access, offset, .. }) = result {
            let length = match operation {
                Operation::Read { span, .. } | Operation::Write { span, .. } => span.length,
                Operation::Flush => 0,
            };
            self.note(access, Span { offset, length }, true);
        }
        result
    }

    /// Records that the present I/O went wrong.
    #[cold]
    fn note(&mut self, access: Access, span: Span, failed: bool) {
        let Span { offset, length } = span;
        self.mishaps.list.push(Mishap { io: self.completed, access, offset, length, failed });
    }

    fn read(&mut self, span: Span, into: &mut [u8]) -> Result<(), Fault> {
        self.counts.add(Outcome::Read, 1);
        let failed = || fault(Access::Read, span.offset);
        match self.faults.strike(Access::Read) {
            Some(FaultKind::Fails) => {
                self.counts.add(Outcome::ReadFailed, 1);
                garble(span.offset, into);
                return Err(failed());
            }
            Some(kind) => self.damage_one_of(span, kind),
            None => {}
        }
        self.rules.check_read(span, &self.layout, &self.image, &self.mishaps);
        let unit = self.unit_of(span);
        assert!(
            !self.is_given_back(unit),
            "disk: what was given back must not be read ({})",
            unit.describe(),
        );
        match self.image.read(span.offset, into) {
            Ok(is_damaged) => {
                self.counts.add(Outcome::DamagedRead, u64::from(is_damaged));
                if is_damaged || self.mishaps.is_forgotten(|| self.unit_of(span)) {
                    self.note(Access::Read, span, false);
                }
                Ok(())
            }
            Err(Unreadable { .. }) => {
                self.counts.add(Outcome::UnreadableRead, 1);
                Err(failed())
            }
        }
    }

    fn write(&mut self, span: Span, bytes: &[u8]) -> Result<(), Fault> {
        self.counts.add(Outcome::Write, 1);
        self.mishaps.written(self.unit_of(span));
        let struck = self.faults.strike(Access::Write);
        match struck {
            Some(FaultKind::Fails) => {
                self.write_in_part(span, bytes);
                self.counts.add(Outcome::WriteFailed, 1);
                return Err(fault(Access::Write, span.offset));
            }
            Some(FaultKind::Lost) => {
                if self.lets(&[self.unit_of(span)]) {
                    self.image.lose(span.offset, bytes);
                    self.counts.add(Outcome::WriteLost, 1);
                    return Ok(());
                }
                self.counts.add(Outcome::Withheld, 1);
            }
            Some(kind @ (FaultKind::MisdirectedWithin | FaultKind::MisdirectedAcross)) => {
                if self.misdirect(span, bytes, kind) {
                    return Ok(());
                }
            }
            Some(_) | None => {}
        }
        let damaged = self.image.damages().len();
        self.image.write(span.offset, bytes);
        let lifted = damaged - self.image.damages().len();
        self.counts.add(Outcome::Rewritten, lifted as u64);
        if let Some(kind) = struck.filter(|kind| kind.damages()) {
            self.damage_one_of(span, kind);
        }
        Ok(())
    }

    /// Writes a random subset of the sectors.
    fn write_in_part(&mut self, span: Span, bytes: &[u8]) {
        let size = self.layout.sector_size();
        for (index, bytes) in bytes.chunks(size).enumerate() {
            let offset = span.offset + (index * size) as u64;
            if self.chance.at(Site::Partial, offset).is_multiple_of(2) {
                self.image.write(offset, bytes);
            }
        }
    }

    fn flush(&mut self, mark: Mark) -> Result<(), Fault> {
        self.counts.add(Outcome::Flush, 1);
        match self.faults.strike(Access::Flush) {
            Some(FaultKind::Fails) => {
                self.image.log.doom(mark);
                self.counts.add(Outcome::FlushFailed, 1);
                return Err(fault(Access::Flush, 0));
            }
            Some(_) if self.limits == FaultLimits::BEYOND => {
                self.image.log.excuse(mark);
                self.grown_from = None;
                self.counts.add(Outcome::FlushLost, 1);
                return Ok(());
            }
            Some(_) => self.counts.add(Outcome::Withheld, 1),
            None => {}
        }
        self.image.log.flush(mark);
        self.grown_from = None;
        Ok(())
    }

    /// Damages a random sector of `span` if the limits allow it. Returns whether they did.
    ///
    /// # Panics
    ///
    /// If a fault of this kind does not damage a sector ([`FaultKind::damages`]).
    pub fn damage(&mut self, span: Span, kind: FaultKind) -> bool {
        let before = self.counts.of(Outcome::Withheld);
        self.damage_one_of(span, kind);
        self.counts.of(Outcome::Withheld) == before
    }

    fn damage_one_of(&mut self, span: Span, kind: FaultKind) {
        let count = (span.length / self.layout.sector_size()) as u64;
        let chance = self.chance.at(Site::Damage, span.offset);
        let sector = self.image.sector_of(span.offset) + (chance % count) as u32;
        let number = chance >> 32;
        let (damage, outcome) = match kind {
            FaultKind::Flips => {
                let bits = 8 * self.layout.sector_size() as u64;
                (Damage::Flipped((number % bits) as u32), Outcome::Flipped)
            }
            FaultKind::Zeroes => (Damage::Zeroed, Outcome::Zeroed),
            FaultKind::Garbles => (Damage::Garbled(number), Outcome::Garbled),
            FaultKind::SpoilsReading => (Damage::Unreadable, Outcome::Unreadable),
            other => panic!("disk: the kind of fault must damage a sector ({other:?})"),
        };
        let offset = self.image.offset_of(sector);
        let hit = Unit::at(&self.layout, offset);
        if self.lets(hit.as_slice()) {
            self.image.damage(sector, damage);
            self.counts.add(outcome, 1);
        } else {
            self.counts.add(Outcome::Withheld, 1);
        }
    }

    /// Redirects a write to another unit, if there is one and the limits allow it. Returns whether
    /// the write was redirected.
    fn misdirect(&mut self, span: Span, bytes: &[u8], kind: FaultKind) -> bool {
        let unit = self.unit_of(span);
        let across = kind == FaultKind::MisdirectedAcross;
        let victim = self.victim(unit, across).filter(|victim| self.lets(&[unit, *victim]));
        let Some(victim) = victim else {
            self.counts.add(Outcome::Withheld, 1);
            return false;
        };
        // The write keeps its offset within the unit. The part that does not fit is lost.
        let room = victim.span(&self.layout);
        let within = (span.offset - unit.span(&self.layout).offset) as usize % room.length;
        let length = span.length.min(room.length - within);
        self.image.impose(room.offset + within as u64, &bytes[..length]);
        self.image.lose(span.offset, bytes);
        let outcome = if across { Outcome::MisdirectedAcross } else { Outcome::MisdirectedWithin };
        self.counts.add(outcome, 1);
        true
    }

    /// Chooses the unit that a misdirected write for `unit` hits. Prefers blocks that were written.
    fn victim(&self, unit: Unit, across: bool) -> Option<Unit> {
        let chance = self.chance.at(Site::Victim, unit.span(&self.layout).offset);
        let superblock = (unit.zone() == Zone::Superblock) != across;
        if superblock {
            let copies = self.layout.superblock_copies();
            let others = (0..copies).map(Unit::Copy).filter(|other| *other != unit);
            return pick(others, chance);
        }
        let written = || self.written.iter().map(Unit::Block).filter(|other| *other != unit);
        pick(written(), chance).or_else(|| {
            let address = chance % self.layout.block_count() + 1;
            Some(Unit::Block(address)).filter(|other| *other != unit)
        })
    }

    pub(super) fn unit_of(&self, span: Span) -> Unit {
        let unit = Unit::at(&self.layout, span.offset);
        unit.expect("disk: an I/O that was submitted lies in a copy or a block")
    }

    fn lets(&self, hit: &[Unit]) -> bool {
        self.unsettled.lets(self.limits, hit, &self.image, &self.layout)
    }
}

//! Space that the store gives back.
//!
//! - Each sector that is given back reads as zeros, as noise or as before, at random. A crash may
//!   undo this for any part of a sector until a flush, as for a write.
//! - A call may fail at random, and then has its effect on some of the sectors.
//! - A disk supports the call only if the caller says so.
//! - What is given back are whole blocks without an I/O in flight. The durable superblock must not
//!   refer to them: the one that the world acknowledged last, or else one whose copies were all
//!   written since and are durable, which the world acknowledges next. A block must not be read,
//!   nor be reported as one of a checkpoint, before it is written again. The exception are disks
//!   that lost a flush: an older checkpoint may then come back.
//!
//! A call is no I/O: it is not counted, and no armed fault strikes it.

use std::io::{self, ErrorKind};

use downbeat_lsm::storage::{Access, Fault, Operation, Span, Zone};

use super::addresses::Addresses;
use super::chance::Site;
use super::damage::garble;
use super::rules::Rules;
use super::{Outcome, SimulatedDisk, Unit};

/// What was given back; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Discards {
    supported: bool,
    /// The blocks that were given back and not written since.
    pub(super) blocks: Addresses,
    /// The content of a sector.
    scratch: Vec<u8>,
}

impl Discards {
    pub(super) fn reset(&mut self) {
        self.supported = false;
        self.blocks.clear();
    }
}

impl SimulatedDisk {
    /// Says whether the disk can take space back. A disk that was reset cannot.
    pub fn support_discards(&mut self, supported: bool) {
        self.discards.supported = supported;
    }

    pub(super) fn give_back(&mut self, offset: u64, length: u64) -> Result<(), Fault> {
        let fault = |kind: ErrorKind| Fault::new(Access::Discard, offset, &io::Error::from(kind));
        if !self.discards.supported {
            return Err(fault(ErrorKind::Unsupported));
        }
        if self.is_down() {
            return Err(fault(ErrorKind::Other));
        }
        self.check_discard(offset, length);
        let what = self.chance.at(Site::Discard, offset);
        let (fails, alike) = (what.is_multiple_of(16), (what >> 8) % 4);
        let mut scratch = std::mem::take(&mut self.discards.scratch);
        scratch.resize(self.layout.sector_size(), 0);
        for at in (offset..offset + length).step_by(scratch.len()) {
            if !self.image.is_written(self.image.sector_of(at)) {
                continue;
            }
            let chance = self.chance.at(Site::Discard, !at);
            if fails && chance.is_multiple_of(2) {
                continue;
            }
            match if alike < 3 { alike } else { (chance >> 8) % 3 } {
                0 => scratch.fill(0),
                1 => garble(chance, &mut scratch),
                _ => continue,
            }
            self.image.write(at, &scratch);
        }
        self.discards.scratch = scratch;
        if fails { Err(fault(ErrorKind::Other)) } else { Ok(()) }
    }

    /// Checks that the store may give these bytes back, and notes their blocks.
    fn check_discard(&mut self, offset: u64, length: u64) {
        let block_size = self.layout.block_size() as u64;
        let first = self.layout.address(offset).filter(|_| self.layout.zone(offset) == Zone::Grid);
        let whole = first.is_some_and(|first| self.layout.block(first).offset == offset)
            && length > 0
            && length.is_multiple_of(block_size)
            && offset + length <= self.layout.size();
        let (true, Some(first)) = (whole, first) else {
            panic!("disk: whole blocks must be given back (offset {offset}, length {length})");
        };
        let lies_within = |span: &Span| span.offset < offset + length && offset < span.end();
        for other in self.queue.operations.iter().filter(|other| !other.late) {
            if let Operation::Read { span, .. } | Operation::Write { span, .. } = &other.operation {
                assert!(
                    !lies_within(span),
                    "disk: no I/O may be in flight where space is given back (offset {})",
                    span.offset,
                );
            }
        }
        let is_renewed = self.superblock_is_renewed();
        for address in first..first + length / block_size {
            assert!(
                is_renewed || !self.rules.protected.contains(address),
                "disk: what the durable superblock refers to must not be given back \
                 (block {address})",
            );
            self.discards.blocks.insert(address);
        }
    }

    /// Whether all copies of the superblock were written since the world acknowledged it last, and
    /// are durable.
    fn superblock_is_renewed(&self) -> bool {
        let copies = self.layout.superblock_copies();
        (0..copies).all(|copy| self.unsettled.contains(Unit::Copy(copy)))
            && Rules::superblock_is_durable(&self.layout, &self.queue, &self.image)
    }

    /// Whether a block was given back and not written since, and no older checkpoint can have come
    /// back.
    pub(super) fn is_given_back(&self, unit: Unit) -> bool {
        let Unit::Block(address) = unit else { return false };
        self.discards.blocks.contains(address) && self.counts.of(Outcome::FlushLost) == 0
    }
}

//! The record of what went wrong on a disk: each I/O that failed, each read that gave wrong bytes,
//! and the units whose writes a crash lost although a flush had been reported.
//!
//! A world compares each error of its store with this record, so that an error without a cause on
//! the disk is a finding.

use downbeat_lsm::storage::{Access, Fault};

use super::addresses::Addresses;
use super::limits::Unit;

/// An I/O that failed, or that gave wrong bytes: those of a damaged sector, or of a unit whose last
/// write is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mishap {
    /// The number of the I/O since the last reset; 1 is the first.
    pub io: u64,
    /// The kind of the I/O.
    pub access: Access,
    /// The offset of the I/O; 0 for a flush.
    pub offset: u64,
    /// The number of bytes of the I/O; 0 for a flush and for growth.
    pub length: usize,
    /// Whether the I/O returned an error. If not, it is a read that gave wrong bytes.
    pub failed: bool,
}

impl Mishap {
    /// Returns whether the I/O returned this error.
    #[must_use]
    pub fn is(&self, fault: &Fault) -> bool {
        self.failed && self.access == fault.access && self.offset == fault.offset
    }
}

/// What went wrong on a disk; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Mishaps {
    /// In the order of the I/Os.
    pub(super) list: Vec<Mishap>,
    /// The numbers of the units whose reported writes a crash lost, and that were not written
    /// since.
    forgotten: Addresses,
    /// Whether `forgotten` may have a unit.
    has_forgotten: bool,
}

impl Mishaps {
    pub(super) fn reset(&mut self) {
        self.list.clear();
        self.forgotten.clear();
        self.has_forgotten = false;
    }

    /// Notes that a crash lost a write of this unit although a flush of it had been reported.
    pub(super) fn forget(&mut self, unit: Unit) {
        self.forgotten.insert(unit.number());
        self.has_forgotten = true;
    }

    /// Notes that a unit is written.
    #[inline]
    pub(super) fn written(&mut self, unit: Unit) {
        if self.has_forgotten {
            self.forgotten.remove(unit.number());
        }
    }

    /// Calls `unit` only if a unit is forgotten.
    #[inline]
    pub(super) fn is_forgotten(&self, unit: impl FnOnce() -> Unit) -> bool {
        self.has_forgotten && self.forgotten.contains(unit().number())
    }
}

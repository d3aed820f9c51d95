//! The attempts to open or to format a store after a crash.
//!
//! - An attempt fails only because of the disk ([`Causes`]). After a loss of power or an I/O that
//!   failed, the store is opened again.
//! - Within the fault limits a store always opens. Only beyond them may it be lost.
//! - Each attempt that fails uses up an armed fault, so the number of attempts is bounded. Only a
//!   sector that is unreadable can make all attempts fail.

use super::causes::{Cause, Causes, is_superblock_forgotten};
use super::pump::hang;
use downbeat::Checked;
use downbeat::check::fail;
use downbeat::disk::{Damage, FaultLimits, SimulatedDisk};

/// What follows from an attempt that failed.
#[derive(Debug)]
pub enum Refused {
    /// Power was lost, or an I/O failed: try again.
    Again(String),
    /// The disk is damaged beyond repair.
    Lost(String),
}

/// The attempts to open or to format a store; see the [module](self).
#[derive(Debug)]
pub struct Attempts {
    left: usize,
    /// How many I/Os had completed when the present attempt began.
    before: u64,
    /// Whether a crash lost a copy of the superblock that had been reported as flushed. The store
    /// may then open at an older checkpoint.
    superblock_forgotten: bool,
}

impl Attempts {
    /// Allows as many attempts as the armed faults can make fail, and one more.
    pub fn new(disk: &SimulatedDisk) -> Self {
        Self::with(disk.armed().len())
    }

    /// Allows one more attempt than `faults`, the number of attempts that can fail.
    pub fn with(faults: usize) -> Self {
        Self { left: 1 + faults, before: 0, superblock_forgotten: false }
    }

    /// Begins an attempt. The disk has power.
    pub fn begin(&mut self, disk: &SimulatedDisk) {
        self.left = self.left.saturating_sub(1);
        self.before = disk.completed();
        // An attempt rewrites the copies, even if it fails later. The disk then no longer reports
        // them as forgotten.
        self.superblock_forgotten |= is_superblock_forgotten(disk);
    }

    /// The causes of an error of the present attempt.
    pub fn causes<'a>(&self, disk: &'a SimulatedDisk) -> Causes<'a> {
        Causes::since(disk, self.before)
    }

    /// How many I/Os of the present attempt have completed.
    pub fn completed(&self, disk: &SimulatedDisk) -> u64 {
        disk.completed() - self.before
    }

    /// Returns what follows from this error of the present attempt and from the cause of the error.
    pub fn refused(&self, cause: Cause, error: String, disk: &SimulatedDisk) -> Checked<Refused> {
        match cause {
            Cause::Passing if self.left > 0 => Ok(Refused::Again(error)),
            // A repeated attempt would read the same unreadable sector.
            Cause::Passing if has_unreadable(disk) => lost(error, disk),
            Cause::Passing => Err(hang(error).saying("a store does not open")),
            Cause::Damage => lost(error, disk),
            Cause::None => Err(fail("store-opens", "a store", error)
                .saying("a store does not open, and the disk does not explain it")),
        }
    }

    /// Returns what follows if the store opens at a checkpoint that is neither the last nor the one
    /// under way.
    pub fn opened_elsewhere(&self, expected: String, got: String) -> Checked<Refused> {
        if self.superblock_forgotten {
            return Ok(Refused::Lost(format!("opened at another checkpoint: {got}")));
        }
        Err(fail("opened-is-last-or-under-way", expected, got)
            .saying("a store opens at a checkpoint that it must not open at"))
    }
}

fn lost(error: String, disk: &SimulatedDisk) -> Checked<Refused> {
    if disk.limits() == FaultLimits::BEYOND {
        return Ok(Refused::Lost(error));
    }
    Err(fail("store-opens", "a store", error)
        .saying("a store does not open, but the faults are within the limits"))
}

fn has_unreadable(disk: &SimulatedDisk) -> bool {
    disk.image().damages().iter().any(|(_, damage)| *damage == Damage::Unreadable)
}

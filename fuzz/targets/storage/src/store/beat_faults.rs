//! Crashes and faults of the disk of a store that runs its own beats: what an input armed, and
//! which errors of the store they explain.
//!
//! - An error of a read needs a cause that is not older than the call that reads. Reads of
//!   compactions can stay in flight from one beat to the next, so the cause of their errors may be
//!   as old as the half-bar.
//! - A block can be lost only if a write failed since the store was opened. A block of a checkpoint
//!   is never lost.

use downbeat_lsm::forest::{BeatError, StoreError};
use downbeat_lsm::grid::{Grid, GridError};
use downbeat_lsm::storage::Access;

use super::faults::{arm_fault, arm_power_loss};
use super::full::full;
use super::{Attempts, Cause, Causes, check_queue};
use downbeat::Checked;
use downbeat::disk::SimulatedDisk;

/// The crashes and faults of a run. Points in time are counts of completed I/Os.
#[derive(Debug, Default)]
pub struct BeatFaults {
    /// Whether a crash or a fault was armed in the run.
    pub occur: bool,
    /// Whether the disk is opened by a new store after the next loss of power, instead of by the
    /// same object.
    pub anew: bool,
    /// Power is lost after the I/O with this number. I/O 0 is the first that completes after the
    /// next checkpoint begins to flush its blocks. `None` if no such loss is armed.
    pub at_checkpoint: Option<u32>,
    /// When the checkpoint of the last beat flushed its blocks and the loss of power was armed;
    /// `None` if it was not armed in this beat.
    pub flushed_at: Option<u64>,
    /// Whether the present loss of power was noted by the beat in which it happened.
    pub crash_noted: bool,
    /// The error of the beat that failed since the store was opened.
    pub failed: Option<BeatError>,
    /// The maximum number of pending writes since the store was opened or formatted, at the times
    /// when a beat waited for the disk.
    pub pending_most: usize,
    /// When the store was opened or formatted.
    opened: u64,
    /// When the half-bar of the last beat began.
    half_began: u64,
    /// When the last beat began.
    beat_began: u64,
}

impl BeatFaults {
    /// The faults at the start of a run. `occur` says whether a fault is armed already.
    pub fn new(occur: bool) -> Self {
        Self { occur, ..Self::default() }
    }

    /// Called when an attempt to open or to format the store begins.
    pub fn opens(&mut self, disk: &SimulatedDisk) {
        let now = disk.completed();
        (self.opened, self.half_began, self.beat_began) = (now, now, now);
        self.flushed_at = None;
        self.crash_noted = false;
        self.failed = None;
        self.pending_most = 0;
    }

    /// Called when a beat begins, which may be the first of its half-bar.
    pub fn beat_begins(&mut self, is_first: bool, disk: &SimulatedDisk) {
        let now = disk.completed();
        self.beat_began = now;
        self.flushed_at = None;
        if is_first {
            self.half_began = now;
        }
    }

    /// Called when a beat waits for the disk.
    #[inline]
    pub fn beat_waits(&mut self, grid: &mut Grid<SimulatedDisk>) {
        self.pending_most = self.pending_most.max(grid.pending_writes());
        if self.at_checkpoint.is_some() && grid.is_flushing() {
            let disk = grid.storage_mut();
            self.flushed_at = Some(disk.completed());
            arm_power_loss(disk, self.at_checkpoint.take().unwrap_or(0));
        }
    }

    /// Checks that the queue of writes is no longer than the options allow, neither now nor when a
    /// beat waited.
    #[inline]
    pub fn check_queue(&self, grid: &Grid<SimulatedDisk>) -> Checked {
        check_queue(grid, self.pending_most.max(grid.pending_writes()))
    }

    /// Arms a loss of power. If `io` is 0 and `at_checkpoint` is not set, power is lost at once,
    /// and the caller opens the store again. `anew` says whether a new object then opens the disk.
    pub fn arm_crash(
        &mut self,
        io: u32,
        at_checkpoint: bool,
        anew: bool,
        disk: &mut SimulatedDisk,
    ) {
        self.occur = true;
        self.anew = anew;
        match io {
            _ if at_checkpoint => self.at_checkpoint = Some(io),
            0 => disk.lose_power(),
            _ => arm_power_loss(disk, io - 1),
        }
    }

    /// Arms a fault for I/O `io` from now, counted from 0.
    pub fn arm_fault(&mut self, kind: u32, io: u32, disk: &mut SimulatedDisk) {
        self.occur = true;
        arm_fault(disk, kind, io);
    }

    /// Whether the disk explains this error of a beat.
    #[cold]
    pub fn explains(&self, error: &StoreError, disk: &SimulatedDisk) -> bool {
        let StoreError::ReadOnly(error) = error else { return false };
        let causes = |since| Causes::since(disk, since);
        let cause = match error {
            BeatError::Grid(GridError::Failed(fault)) => {
                return causes(self.opened).has(fault);
            }
            BeatError::Grid(error) => causes(self.half_began).of_grid(error),
            BeatError::Checkpoint(error) => {
                causes(self.beat_began).of_checkpoint(error, self.opened)
            }
            BeatError::TreeIsFull { .. } => Cause::None,
        };
        cause != Cause::None
    }

    /// Whether the disk explains this error of a read that began at `since`.
    #[cold]
    pub fn explains_read(&self, error: &GridError, since: u64, grid: &Grid<SimulatedDisk>) -> bool {
        match error {
            // Only a failed write loses blocks. The caller checks that the blocks of the last
            // checkpoint are not lost.
            GridError::Failed(fault) => {
                let writes = Access::Write == fault.access;
                let is_first = grid.failed() == Some(*fault);
                writes && is_first && Causes::since(grid.storage(), self.opened).has(fault)
            }
            error => Causes::since(grid.storage(), since).of_grid(error) != Cause::None,
        }
    }

    /// Why the store must be read-only: a beat failed since the store was opened, or else a write.
    #[inline]
    pub fn reason(&self, grid: &Grid<SimulatedDisk>) -> Option<BeatError> {
        let write = || grid.failed().map(|fault| BeatError::Grid(GridError::Failed(fault)));
        self.failed.or_else(write)
    }

    /// Whether the store is read-only because of a fault, and not because it is full.
    pub fn failed_by_fault(&self, grid: &Grid<SimulatedDisk>) -> bool {
        self.reason(grid).is_some_and(|error| full(&error).is_none())
    }
}

impl Attempts {
    /// The cause of an error of the present attempt to open or to format a whole store.
    pub fn cause(&self, error: &StoreError, disk: &SimulatedDisk) -> Cause {
        match error {
            StoreError::Superblock(error) => self.causes(disk).of_superblock(error),
            StoreError::Grid(error) => self.causes(disk).of_grid(error),
            StoreError::Grow(fault) => self.causes(disk).of_growth(fault),
            StoreError::Invalid(_)
            | StoreError::OtherOptions
            | StoreError::FewerBlocks { .. }
            | StoreError::TooFewMoreBlocks { .. }
            | StoreError::ReadOnly(_)
            | StoreError::Closed
            | StoreError::ScopeIsOpen
            | StoreError::Full
            | StoreError::BatchIsTooLong { .. }
            | StoreError::Reopened
            | StoreError::NotJustOpened
            | StoreError::IndexIsNotGivenUp => Cause::None,
        }
    }
}

//! The clock that both devices share: it counts their I/Os together, and loses power on both at
//! once.
//!
//! A device tells the clock before and after each of its I/Os. When power is lost, the device of
//! the last I/O notices at once, and the other one at its next call.

use std::cell::Cell;
use std::rc::Rc;

use downbeat::disk::{Armed, FaultKind};

/// What the last I/O before a loss of power was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastIo {
    /// There was none: power was lost between two calls.
    None,
    Read(Role),
    Write(Role),
    /// A write of a copy of the superblock.
    Superblock,
    Flush(Role),
}

/// Which of the two devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Machine,
    Log,
}

impl LastIo {
    /// The number of this I/O, from 0 to 7.
    pub(crate) fn number(self) -> usize {
        match self {
            Self::None => 0,
            Self::Read(Role::Machine) => 1,
            Self::Write(Role::Machine) => 2,
            Self::Superblock => 3,
            Self::Flush(Role::Machine) => 4,
            Self::Read(Role::Log) => 5,
            Self::Write(Role::Log) => 6,
            Self::Flush(Role::Log) => 7,
        }
    }
}

/// The clock of two devices; see the [module](self). Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Rc<State>);

#[derive(Debug)]
struct State {
    /// The I/Os of both devices since the last reset.
    completed: Cell<u64>,
    is_down: Cell<bool>,
    /// After how many more I/Os power is lost.
    power: Cell<Option<u64>>,
    /// As `power`, from the first write of a superblock on.
    at_superblock: Cell<Option<u64>>,
    /// A fault, and after how many more I/Os it is armed.
    fault: Cell<Option<(FaultKind, u64)>>,
    last: Cell<LastIo>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            completed: Cell::new(0),
            is_down: Cell::new(false),
            power: Cell::new(None),
            at_superblock: Cell::new(None),
            fault: Cell::new(None),
            last: Cell::new(LastIo::None),
        }
    }
}

impl Clock {
    /// Resets the clock for a run.
    pub(crate) fn reset(&self) {
        let State { completed, is_down, power, at_superblock, fault, last } = &*self.0;
        completed.set(0);
        is_down.set(false);
        power.set(None);
        at_superblock.set(None);
        fault.set(None);
        last.set(LastIo::None);
    }

    pub(crate) fn completed(&self) -> u64 {
        self.0.completed.get()
    }

    #[inline]
    pub(crate) fn is_down(&self) -> bool {
        self.0.is_down.get()
    }

    /// Restores power.
    pub(crate) fn restart(&self) {
        self.0.is_down.set(false);
        self.0.last.set(LastIo::None);
    }

    /// The last I/O before power was lost.
    pub(crate) fn last(&self) -> LastIo {
        self.0.last.get()
    }

    /// How many losses of power and faults are armed.
    pub(crate) fn armed(&self) -> usize {
        let State { power, at_superblock, fault, .. } = &*self.0;
        usize::from(power.get().is_some())
            + usize::from(at_superblock.get().is_some())
            + usize::from(fault.get().is_some())
    }

    pub(crate) fn disarm(&self) {
        let State { power, at_superblock, fault, .. } = &*self.0;
        power.set(None);
        at_superblock.set(None);
        fault.set(None);
    }

    /// Loses power now.
    pub(crate) fn lose_power(&self) {
        self.0.last.set(LastIo::None);
        self.0.is_down.set(true);
    }

    /// Loses power after `io` more I/Os, 1 or more.
    pub(crate) fn arm(&self, io: u64) {
        self.0.power.set(Some(io));
    }

    /// Loses power after `io` more I/Os, 1 or more, from the first write of a superblock on.
    pub(crate) fn arm_at_superblock(&self, io: u64) {
        self.0.at_superblock.set(Some(io));
    }

    /// Arms a fault that strikes an I/O of either device.
    pub(crate) fn interfere(&self, armed: Armed) {
        match armed.kind {
            FaultKind::PowerLoss if armed.nth == 0 => self.lose_power(),
            FaultKind::PowerLoss => self.arm(armed.nth),
            kind => self.0.fault.set(Some((kind, armed.nth))),
        }
    }

    /// Notes that a write of the superblock begins.
    pub(crate) fn superblock_begins(&self) {
        if let Some(io) = self.0.at_superblock.take() {
            self.arm(io);
        }
    }

    /// Notes that an I/O is about to complete. Returns the fault that is due, which the device arms
    /// for its next I/O.
    #[inline]
    pub(crate) fn io_begins(&self) -> Option<Armed> {
        let (kind, left) = self.0.fault.get()?;
        if left > 1 {
            self.0.fault.set(Some((kind, left - 1)));
            return None;
        }
        self.0.fault.set(None);
        Some(Armed { kind, access: None, nth: 1 })
    }

    /// Notes that an I/O completed.
    #[inline]
    pub(crate) fn io_completed(&self, io: LastIo) {
        let State { completed, power, last, is_down, .. } = &*self.0;
        completed.set(completed.get() + 1);
        if let Some(left) = power.get() {
            if left > 1 {
                power.set(Some(left - 1));
            } else {
                power.set(None);
                last.set(io);
                is_down.set(true);
            }
        }
    }
}

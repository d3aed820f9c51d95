//! The clock that both devices share: it counts their I/Os together, and crashes both at once.
//!
//! A device tells the clock before and after each of its I/Os. At a crash, the device of the last
//! I/O notices at once, and the other one at its next call.

use std::cell::Cell;
use std::rc::Rc;

use downbeat::disk::{Armed, FaultKind};

/// What the last I/O before a crash was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LastIo {
    /// There was none: the crash was between two calls.
    #[default]
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

/// What a crash takes from a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The power of both disks: what was not flushed may be lost.
    Power,
    /// The process: what was not flushed stays visible, and is not durable.
    Process,
}

#[derive(Debug, Default)]
struct State {
    /// The I/Os of both devices since the last reset.
    completed: Cell<u64>,
    /// The crash that happened, until the restart.
    crashed: Cell<Option<Crash>>,
    /// A crash, and after how many more I/Os it happens.
    crash: Cell<Option<(Crash, u64)>>,
    /// After how many more I/Os power is lost as an interference with the run.
    interference: Cell<Option<u64>>,
    /// After how many more I/Os power is lost, from the first write of a superblock on.
    at_superblock: Cell<Option<u64>>,
    /// A fault, and after how many more I/Os it is armed.
    fault: Cell<Option<(FaultKind, u64)>>,
    last: Cell<LastIo>,
}

impl Clock {
    /// Resets the clock for a run.
    pub(crate) fn reset(&self) {
        self.0.completed.set(0);
        self.restart();
        self.disarm();
    }

    pub(crate) fn completed(&self) -> u64 {
        self.0.completed.get()
    }

    /// The crash that happened since the last restart.
    #[inline]
    pub(crate) fn crashed(&self) -> Option<Crash> {
        self.0.crashed.get()
    }

    /// Notes that the next process starts, with power.
    pub(crate) fn restart(&self) {
        self.0.crashed.set(None);
        self.0.last.set(LastIo::None);
    }

    /// The last I/O before the crash.
    pub(crate) fn last(&self) -> LastIo {
        self.0.last.get()
    }

    /// How many crashes and faults are armed.
    pub(crate) fn armed(&self) -> usize {
        let State { crash, interference, at_superblock, fault, .. } = &*self.0;
        usize::from(crash.get().is_some())
            + usize::from(interference.get().is_some())
            + usize::from(at_superblock.get().is_some())
            + usize::from(fault.get().is_some())
    }

    pub(crate) fn disarm(&self) {
        let State { crash, interference, at_superblock, fault, .. } = &*self.0;
        crash.set(None);
        interference.set(None);
        at_superblock.set(None);
        fault.set(None);
    }

    /// Crashes after `io` more I/Os, or now if `io` is 0.
    pub(crate) fn arm(&self, crash: Crash, io: u64) {
        if io > 0 {
            self.0.crash.set(Some((crash, io)));
        } else {
            self.0.last.set(LastIo::None);
            self.0.crashed.set(Some(crash));
        }
    }

    /// Loses power after `io` more I/Os, 1 or more, from the first write of a superblock on.
    pub(crate) fn arm_at_superblock(&self, io: u64) {
        self.0.at_superblock.set(Some(io));
    }

    /// Arms a fault that strikes an I/O of either device.
    pub(crate) fn interfere(&self, armed: Armed) {
        match armed.kind {
            FaultKind::PowerLoss if armed.nth > 0 => self.0.interference.set(Some(armed.nth)),
            FaultKind::PowerLoss => self.arm(Crash::Power, 0),
            kind => self.0.fault.set(Some((kind, armed.nth))),
        }
    }

    /// Notes that a write of the superblock begins.
    pub(crate) fn superblock_begins(&self) {
        if let Some(io) = self.0.at_superblock.take() {
            self.arm(Crash::Power, io);
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
        let State { completed, crash, interference, crashed, last, .. } = &*self.0;
        completed.set(completed.get() + 1);
        if let Some((what, left)) = crash.get() {
            crash.set((left > 1).then(|| (what, left - 1)));
            if left == 1 {
                last.set(io);
                crashed.set(Some(what));
            }
        }
        if let Some(left) = interference.get() {
            interference.set((left > 1).then(|| left - 1));
            if left == 1 {
                last.set(io);
                crashed.set(Some(Crash::Power));
            }
        }
    }
}

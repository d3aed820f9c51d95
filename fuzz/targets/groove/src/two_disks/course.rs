//! The course of a run on two disks: what crashed and failed, and what was opened and executed.

use downbeat_lsm::state_machine::ServiceError;

use super::Progress;
use super::clock::Clock;

/// The number of the first service of a run.
pub(crate) const FIRST: u64 = 7;

/// The phase of an opening.
pub(super) const OPENING: usize = 3;

/// Whether a service failed since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    No,
    /// A call of the service returned this error.
    Service(ServiceError),
    /// A call of the machine or of the log failed. The service does not know of the failure.
    ByHand,
}

/// The course of a run; see the [module](self).
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) clock: Clock,
    /// Whether a new object opens the disks next.
    pub(crate) anew: bool,
    /// How many I/Os of the machine's disk and of the log's disk had completed when the service was
    /// opened or formatted.
    pub(crate) opened: (u64, u64),
    /// How many times the disks were formatted in this run.
    pub(crate) formatted: u64,
    /// What runs: nothing (0), a call of either of two kinds, which the target chooses (1 and 2),
    /// or an opening (3).
    pub(crate) phase: usize,
    /// The beats that were run, and the checkpoints that they took.
    pub(crate) progress: Progress,
    pub(crate) failed: Failed,
}

impl Course {
    /// The course of a service with `bar` beats a bar and `interval` bars between checkpoints,
    /// before it is formatted.
    pub(crate) fn new(bar: u32, interval: u32) -> Self {
        Self {
            clock: Clock::default(),
            anew: false,
            opened: (0, 0),
            formatted: 0,
            phase: 0,
            progress: Progress::new(bar, interval),
            failed: Failed::No,
        }
    }

    /// Resets the course for a run. The caller then formats the disks.
    pub(super) fn reset(&mut self) {
        self.clock.reset();
        (self.anew, self.formatted, self.phase) = (false, 0, 0);
        self.failed = Failed::No;
    }

    /// Whether the service failed since it was opened.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed != Failed::No
    }

    /// The number with which the disks were formatted last.
    pub(crate) fn number(&self) -> u64 {
        FIRST + self.formatted - 1
    }
}

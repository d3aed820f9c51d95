//! Faults that wait for their I/O.
//!
//! - A fault strikes at the n-th I/O, from when it is armed, of those that it can strike: the n-th that
//!   completes. An I/O suffers one fault at most; others that are due strike at the next.
//!
//! What this does not do: it does not know what a fault does, nor whether the limits let it.

use downbeat_lsm::storage::Access;

/// What a fault does to an I/O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It fails. Of a failed write, some sectors may be written; what a failed flush should have made
    /// durable, no later one does.
    Fails,
    /// It is reported as done, and is not. Writes and flushes.
    Lost,
    /// It goes to another copy of the superblock, or another block. Writes.
    MisdirectedWithin,
    /// It goes from the superblock to a block, or the other way. Writes.
    MisdirectedAcross,
    /// It leaves a flipped bit in one of its sectors. Reads and writes.
    Flips,
    /// It leaves one of its sectors zeroed. Reads and writes.
    Zeroes,
    /// It leaves noise in one of its sectors. Reads and writes.
    Garbles,
    /// It leaves one of its sectors unreadable. Reads and writes.
    SpoilsReading,
    /// The power goes, once it is done.
    PowerLoss,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Fails,
        Self::Lost,
        Self::MisdirectedWithin,
        Self::MisdirectedAcross,
        Self::Flips,
        Self::Zeroes,
        Self::Garbles,
        Self::SpoilsReading,
        Self::PowerLoss,
    ];

    /// Whether it leaves a sector damaged.
    #[must_use]
    pub fn damages(self) -> bool {
        matches!(self, Self::Flips | Self::Zeroes | Self::Garbles | Self::SpoilsReading)
    }

    /// Whether it can strike such an I/O.
    #[must_use]
    pub fn strikes(self, access: Access) -> bool {
        match self {
            Self::Fails | Self::PowerLoss => true,
            Self::Lost => access != Access::Read,
            Self::MisdirectedWithin | Self::MisdirectedAcross => access == Access::Write,
            Self::Flips | Self::Zeroes | Self::Garbles | Self::SpoilsReading => {
                access != Access::Flush
            }
        }
    }
}

/// A fault that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// What it will do.
    pub kind: FaultKind,
    /// The only I/Os that it strikes; `None` for all that it can.
    pub access: Option<Access>,
    /// At which of them from now, from 1.
    pub nth: u64,
}

/// The faults that wait; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Faults {
    armed: Vec<Armed>,
}

impl Faults {
    pub(super) fn arm(&mut self, armed: Armed) {
        self.armed.push(armed);
    }

    pub(super) fn disarm_all(&mut self) {
        self.armed.clear();
    }

    pub(super) fn armed(&self) -> &[Armed] {
        &self.armed
    }

    /// The fault that strikes an I/O that completes, loss of power apart.
    #[inline]
    pub(super) fn strike(&mut self, access: Access) -> Option<FaultKind> {
        if self.armed.is_empty() {
            return None;
        }
        self.count(access, |kind| kind != FaultKind::PowerLoss)
    }

    /// Whether the power goes after an I/O.
    #[inline]
    pub(super) fn power_goes(&mut self, access: Access) -> bool {
        if self.armed.is_empty() {
            return false;
        }
        self.count(access, |kind| kind == FaultKind::PowerLoss).is_some()
    }

    fn count(&mut self, access: Access, of: fn(FaultKind) -> bool) -> Option<FaultKind> {
        let mut due = None;
        for (index, armed) in self.armed.iter_mut().enumerate() {
            let Armed { kind, access: only, nth } = armed;
            if of(*kind) && kind.strikes(access) && only.is_none_or(|only| only == access) {
                *nth = nth.saturating_sub(1);
                if *nth == 0 && due.is_none() {
                    due = Some(index);
                }
            }
        }
        due.map(|index| self.armed.remove(index).kind)
    }
}

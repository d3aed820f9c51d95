//! The armed faults, which wait for their I/O.
//!
//! An armed fault counts the completed I/Os that it can strike, and strikes the n-th. At most one
//! fault strikes an I/O, apart from a power loss after the I/O. Other faults that are due strike
//! later I/Os.
//!
//! `perform` carries out a fault, and `limits` decides whether it is allowed.

use downbeat_lsm::storage::Access;

/// What a fault does to an I/O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The I/O fails. A failed write may change some sectors. After a failed flush, no later flush
    /// makes durable what the failed one should have made durable.
    Fails,
    /// The I/O is reported as done, but has no effect. For writes and flushes.
    Lost,
    /// The write goes to another copy of the superblock, or to another block.
    MisdirectedWithin,
    /// The write goes from the superblock to a block, or from a block to the superblock.
    MisdirectedAcross,
    /// The I/O leaves a flipped bit in one of its sectors. For reads and writes.
    Flips,
    /// The I/O leaves one of its sectors zeroed. For reads and writes.
    Zeroes,
    /// The I/O leaves noise in one of its sectors. For reads and writes.
    Garbles,
    /// The I/O leaves one of its sectors unreadable. For reads and writes.
    SpoilsReading,
    /// Power is lost after the I/O.
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

    /// Returns whether the fault leaves a sector damaged.
    #[must_use]
    pub fn damages(self) -> bool {
        matches!(self, Self::Flips | Self::Zeroes | Self::Garbles | Self::SpoilsReading)
    }

    /// Returns whether the fault can strike an I/O of this kind.
    #[must_use]
    pub fn strikes(self, access: Access) -> bool {
        match self {
            Self::Fails | Self::PowerLoss => true,
            Self::Lost => matches!(access, Access::Write | Access::Flush),
            Self::MisdirectedWithin | Self::MisdirectedAcross => access == Access::Write,
            Self::Flips | Self::Zeroes | Self::Garbles | Self::SpoilsReading => {
                matches!(access, Access::Read | Access::Write)
            }
        }
    }
}

/// An armed fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// The kind of the fault.
    pub kind: FaultKind,
    /// The only kind of I/O that the fault strikes; `None` for every kind that it can strike.
    pub access: Option<Access>,
    /// The number of the I/O that the fault strikes, among those that it can strike from now on; 1
    /// is the next.
    pub nth: u64,
}

/// The armed faults; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) armed: Vec<Armed>,
}

impl Faults {
    /// Counts an I/O that completes. Returns the fault that strikes it, apart from a power loss.
    #[inline]
    pub(super) fn strike(&mut self, access: Access) -> Option<FaultKind> {
        self.count(access, |kind| kind != FaultKind::PowerLoss)
    }

    /// Counts an I/O for the armed power losses. Returns whether power is lost after it.
    #[inline]
    pub(super) fn power_goes(&mut self, access: Access) -> bool {
        self.count(access, |kind| kind == FaultKind::PowerLoss).is_some()
    }

    #[inline]
    fn count(&mut self, access: Access, of: fn(FaultKind) -> bool) -> Option<FaultKind> {
        if self.armed.is_empty() { None } else { self.count_armed(access, of) }
    }

    fn count_armed(&mut self, access: Access, of: fn(FaultKind) -> bool) -> Option<FaultKind> {
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

//! The operations of a grid, and their numbers in the queue of the device.

use crate::storage::Owner;

/// The component number of grids in [`Owner`].
pub const GRID_OWNER: u16 = 2;

/// The operation of the grid that completed. It is encoded in the owner of the completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Flush,
    /// The write at this place in the queue of writes.
    Write(u32),
    Read(u32),
}

impl Slot {
    pub(super) fn owner(self) -> Owner {
        let slot = match self {
            Self::Flush => 0,
            Self::Write(number) => 1 + 2 * number,
            Self::Read(number) => 2 + 2 * number,
        };
        Owner { component: GRID_OWNER, slot }
    }

    pub(super) fn of(owner: Owner) -> Self {
        match owner.slot {
            0 => Self::Flush,
            slot if slot % 2 == 1 => Self::Write((slot - 1) / 2),
            slot => Self::Read((slot - 2) / 2),
        }
    }
}

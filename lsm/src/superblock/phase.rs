//! The phases of the state machine.

use super::halves::CopySet;

/// The phase of the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SuperblockPhase {
    /// The device has not been read.
    Closed,
    /// The superblock is open as `working`, and no operation is running.
    Idle,
    /// The device is flushed before the copies are read for opening.
    Settling,
    /// All copies are read.
    Looking(Purpose),
    /// The superblock to open was chosen as `staging`. No operation is running.
    Found,
    /// Copies of `staging` are written.
    Writing(Round),
    /// These copies are made durable.
    Flushing(Round),
    /// These copies are read back; in the second half, all copies are.
    Verifying(Round),
    /// Opening or a checkpoint failed. The superblock must be reopened.
    Failed,
}

/// The purpose for which copies are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To open the superblock on the device.
    Opening,
    /// To write a new superblock.
    Checkpoint,
}

/// One round of writing, flushing and reading back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) purpose: Purpose,
    /// The copies in the first half.
    pub(super) first: CopySet,
    pub(super) half: Half,
    /// The copies that are written in this round.
    pub(super) copies: CopySet,
    /// The number of times that copies of this half were written again.
    pub(super) rewrites: u32,
}

/// The half of the copies that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// The half that may be overwritten first.
    First,
    /// The other half.
    Second,
}

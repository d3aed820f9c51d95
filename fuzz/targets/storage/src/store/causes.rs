//! Which errors of a store its disk explains.
//!
//! - An error needs a cause of its own: a loss of power, an I/O that failed in the same way, or
//!   damage at the place that the error names.
//! - A cause counts only if it is not older than the operation that returned the error.
//! - Damage explains only that a checksum does not match. It never explains contents that
//!   contradict each other.

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::{Access, Fault};
use downbeat_lsm::superblock::SuperblockError;

use downbeat::disk::{Mishap, SimulatedDisk, Unit};

/// How often the superblock reads a half of its copies back before it gives up.
const READ_BACK_MAX: usize = 3;

/// The cause of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The disk does not explain the error.
    None,
    /// Power was lost, or an I/O failed: the same call may succeed later.
    Passing,
    /// The disk is damaged at the place that the error names.
    Damage,
}

/// The mishaps of a disk from some I/O on; see the [module](self).
#[derive(Clone, Copy, Debug)]
pub struct Causes<'a> {
    disk: &'a SimulatedDisk,
    since: u64,
}

impl<'a> Causes<'a> {
    /// The mishaps after `since` I/Os had completed ([`SimulatedDisk::completed`]).
    pub fn since(disk: &'a SimulatedDisk, since: u64) -> Self {
        Self { disk, since }
    }

    fn mishaps(&self) -> impl Iterator<Item = &'a Mishap> {
        let since = self.since;
        self.disk.mishaps().iter().rev().take_while(move |mishap| mishap.io > since)
    }

    /// Whether an I/O returned this error.
    pub fn has(&self, fault: &Fault) -> bool {
        self.mishaps().any(|mishap| mishap.is(fault))
    }

    /// The cause of an error of the grid. Neither a lack of blocks nor an earlier failure has one
    /// here.
    #[cold]
    pub fn of_grid(&self, error: &GridError) -> Cause {
        match error {
            GridError::Gone => self.power(),
            GridError::Fault(fault) => passing(self.has(fault)),
            GridError::Corruption(corruption) => self.of_corruption(corruption),
            GridError::Failed(_) | GridError::Full => Cause::None,
        }
    }

    /// The cause of an error of the superblock.
    #[cold]
    pub fn of_superblock(&self, error: &SuperblockError) -> Cause {
        match error {
            SuperblockError::Gone => self.power(),
            SuperblockError::Fault(fault) => passing(self.has(fault)),
            SuperblockError::Corruption(corruption) => self.of_corruption(corruption),
            // Each time that the copies were read back, a read went wrong.
            SuperblockError::Unverified => {
                let end = self.disk.layout().block(1).offset;
                let wrong = |it: &&Mishap| it.access == Access::Read && it.offset < end;
                passing(self.mishaps().filter(wrong).count() >= READ_BACK_MAX)
            }
        }
    }

    /// The cause of an error of a checkpoint, for a store that was opened after `opened` I/Os.
    #[cold]
    pub fn of_checkpoint(&self, error: &CheckpointError, opened: u64) -> Cause {
        match error {
            // The write or flush may have failed before the checkpoint began.
            CheckpointError::Grid(GridError::Failed(fault)) => {
                passing(Causes::since(self.disk, opened).has(fault))
            }
            CheckpointError::Grid(error) => self.of_grid(error),
            CheckpointError::Superblock(error) => self.of_superblock(error),
        }
    }

    fn power(&self) -> Cause {
        passing(self.disk.is_down())
    }

    fn of_corruption(&self, corruption: &Corruption) -> Cause {
        let Corruption { place, reason } = corruption;
        let is_damaged = match place {
            Place::Block(address) => {
                !is_of_superblock(reason) && self.disk.is_spoiled(Unit::Block(*address))
            }
            Place::Superblock => is_of_superblock(reason) && self.is_superblock_spoiled(),
        };
        let is_of_bytes = !matches!(reason, Reason::Meaning(_) | Reason::Layout);
        if is_damaged && is_of_bytes { Cause::Damage } else { Cause::None }
    }

    fn is_superblock_spoiled(&self) -> bool {
        let copies = self.disk.layout().superblock_copies();
        (0..copies).any(|copy| self.disk.is_spoiled(Unit::Copy(copy)))
    }
}

/// Whether a crash lost a copy of the superblock although a flush of it had been reported, so that
/// an older checkpoint may be on the disk.
pub(super) fn is_superblock_forgotten(disk: &SimulatedDisk) -> bool {
    (0..disk.layout().superblock_copies()).any(|copy| disk.is_forgotten(Unit::Copy(copy)))
}

fn is_of_superblock(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::QuorumLost | Reason::NotFormatted | Reason::Fork | Reason::ParentNotConnected
    )
}

fn passing(is_explained: bool) -> Cause {
    if is_explained { Cause::Passing } else { Cause::None }
}

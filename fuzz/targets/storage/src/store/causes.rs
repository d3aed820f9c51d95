//! Which errors of a store its disk explains.
//!
//! - An error needs a cause of its own: a loss of power, an I/O that failed in the same way, a read
//!   of the block that the error names that gave damaged bytes, or copies of the superblock that
//!   cannot be opened for the reason that the error names.
//! - A cause that is older than the operation that returned the error explains nothing.
//! - Damage explains only that a size or a checksum does not match, that a block is another one, or
//!   that the bytes after it are not zero. It never explains contents that
//!   contradict each other.

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::{Access, Fault};
use downbeat_lsm::superblock::SuperblockError;

use super::copies;
use downbeat::disk::{Mishap, SimulatedDisk, Unit};

/// How often the superblock reads back half of its copies before it gives up.
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

    /// The cause of an error of the grid. [`Cause::None`] for a lack of blocks and for the error of
    /// an earlier write or flush.
    #[cold]
    pub fn of_grid(&self, error: &GridError) -> Cause {
        match error {
            GridError::Gone => self.power(),
            GridError::Fault(fault) => passing(self.has(fault)),
            GridError::Corruption(corruption) => self.of_corruption(corruption),
            GridError::Failed(_) | GridError::Full => Cause::None,
        }
    }

    /// The cause of an error of a disk that does not grow.
    #[cold]
    pub fn of_growth(&self, fault: &Fault) -> Cause {
        passing(self.disk.is_down() || self.has(fault))
    }

    /// The cause of an error of the superblock.
    #[cold]
    pub fn of_superblock(&self, error: &SuperblockError) -> Cause {
        match error {
            SuperblockError::Gone => self.power(),
            SuperblockError::Fault(fault) => passing(self.has(fault)),
            SuperblockError::Corruption(corruption) => self.of_corruption(corruption),
            // Whenever the copies were read back, the disk failed or changed at least one of the
            // reads.
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
        let is_damaged = match corruption {
            // The other reasons are found only after the checksums match.
            Corruption {
                place: Place::Block(address),
                reason: Reason::Size | Reason::Checksum | Reason::OtherBlock | Reason::Padding,
            } => self.was_read_damaged(Unit::Block(*address)),
            Corruption { place: Place::Superblock, reason } => {
                copies::refusal(self.disk) == Some(*reason) && self.is_superblock_spoiled()
            }
            Corruption { place: Place::Block(_) | Place::Tree(_), .. } => false,
        };
        if is_damaged { Cause::Damage } else { Cause::None }
    }

    /// Whether a read of this unit gave damaged bytes.
    fn was_read_damaged(&self, unit: Unit) -> bool {
        let offset = unit.span(self.disk.layout()).offset;
        self.mishaps().any(|it| it.access == Access::Read && !it.failed && it.offset == offset)
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

fn passing(is_explained: bool) -> Cause {
    if is_explained { Cause::Passing } else { Cause::None }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use downbeat_lsm::storage::{Buffer, Layout, LayoutOptions, Operation, Owner, Storage as _};

    use super::*;
    use downbeat::disk::{Armed, Damage, FaultKind};

    fn disk() -> SimulatedDisk {
        let options = LayoutOptions {
            sector_size: Layout::SECTOR_SIZE_MIN,
            block_size: Layout::BLOCK_SIZE_MIN,
            superblock_copies: 2,
            block_count: 4,
        };
        SimulatedDisk::new(Layout::new(options).expect("the sizes are valid"))
    }

    /// Writes a block, and reads it. The read fails.
    fn with_failed_read() -> (SimulatedDisk, Fault) {
        let mut disk = disk();
        let span = disk.layout().block(2);
        let owner = Owner { component: 7, slot: 0 };
        let buffer = Buffer::new(span.length).share();
        disk.submit(Operation::Write { span, buffer }, owner);
        disk.step();
        disk.arm(Armed { kind: FaultKind::Fails, access: None, nth: 1 });
        disk.submit(Operation::Read { span, buffer: Buffer::new(span.length) }, owner);
        let completion = disk.step().expect("a read completes");
        (disk, completion.result.expect_err("the read fails"))
    }

    #[test]
    fn an_error_needs_an_io_that_failed_in_the_same_way_and_not_before() {
        let (disk, fault) = with_failed_read();
        let cause = |fault, since| Causes::since(&disk, since).of_grid(&GridError::Fault(fault));
        assert_eq!(cause(fault, 1), Cause::Passing);
        assert_eq!(cause(fault, 2), Cause::None, "the read failed before");
        assert_eq!(cause(Fault { access: Access::Write, ..fault }, 0), Cause::None);
        assert_eq!(cause(Fault { offset: 0, ..fault }, 0), Cause::None);
        assert_eq!(Causes::since(&disk, 0).of_grid(&GridError::Gone), Cause::None);
        let flush = Fault::new(Access::Flush, 0, &ErrorKind::Other.into());
        let failed = CheckpointError::Grid(GridError::Failed(flush));
        assert_eq!(Causes::since(&disk, 0).of_checkpoint(&failed, 0), Cause::None);
    }

    #[test]
    fn damage_explains_a_wrong_checksum_of_a_block_that_was_read_and_nothing_else() {
        let mut disk = disk();
        let span = disk.layout().block(3);
        let cause = |disk: &SimulatedDisk, since, place, reason| {
            let corruption = Corruption { place, reason };
            Causes::since(disk, since).of_grid(&GridError::Corruption(corruption))
        };
        let (block, checksum) = (Place::Block(3), Reason::Checksum);
        let owner = Owner { component: 7, slot: 0 };
        let buffer = Buffer::new(span.length).share();
        disk.submit(Operation::Write { span, buffer }, owner);
        disk.step();
        let sector = disk.image().sector_of(span.offset);
        disk.image_mut().damage(sector, Damage::Zeroed);
        assert_eq!(cause(&disk, 0, block, checksum), Cause::None, "the block was not read");
        disk.submit(Operation::Read { span, buffer: Buffer::new(span.length) }, owner);
        assert!(disk.step().is_some_and(|completion| completion.result.is_ok()));
        assert_eq!(cause(&disk, 0, block, checksum), Cause::Damage);
        assert_eq!(cause(&disk, 2, block, checksum), Cause::None, "the read was earlier");
        assert_eq!(cause(&disk, 0, block, Reason::Meaning("a fact")), Cause::None);
        assert_eq!(cause(&disk, 0, block, Reason::Kind), Cause::None);
        assert_eq!(cause(&disk, 0, Place::Block(2), checksum), Cause::None);
        assert_eq!(cause(&disk, 0, Place::Superblock, Reason::QuorumLost), Cause::None);
    }

    #[test]
    fn a_superblock_gives_up_only_after_three_reads_that_went_wrong() {
        let (disk, _) = with_failed_read();
        let unverified = SuperblockError::Unverified;
        assert_eq!(Causes::since(&disk, 0).of_superblock(&unverified), Cause::None);
        assert_eq!(Causes::since(&disk, 0).of_superblock(&SuperblockError::Gone), Cause::None);
    }
}

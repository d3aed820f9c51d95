//! Why the copies of the superblock on a disk cannot be opened, decided by the documentation of the
//! file format and not by the core.

use downbeat_lsm::block::Reason;

use downbeat::disk::SimulatedDisk;
use downbeat_model::format::{Fault, root};

/// Returns why no superblock can be chosen from the copies, as the disk reads them. Returns `None`
/// if one can be chosen.
pub(super) fn refusal(disk: &SimulatedDisk) -> Option<Reason> {
    let layout = disk.layout();
    let read = |copy| {
        let mut bytes = vec![0; layout.superblock_copy_size()];
        let is_read = disk.image().read(layout.superblock_copy(copy).offset, &mut bytes).is_ok();
        if is_read { bytes } else { Vec::new() }
    };
    let copies: Vec<_> = (0..layout.superblock_copies()).map(read).collect();
    let copies: Vec<&[u8]> = copies.iter().map(Vec::as_slice).collect();
    root::choose_copy(&copies).err().map(reason)
}

/// The reason that the core gives for a fault of the superblock.
fn reason(fault: Fault) -> Reason {
    match fault {
        Fault::NotFormatted => Reason::NotFormatted,
        Fault::QuorumLost => Reason::QuorumLost,
        Fault::Fork => Reason::Fork,
        Fault::NotConnected => Reason::ParentNotConnected,
        Fault::SuperblockVersion => Reason::Version,
        other => unreachable!("copies: no superblock is chosen for another reason ({other:?})"),
    }
}

#[cfg(test)]
mod tests {
    use downbeat_lsm::storage::{Layout, LayoutOptions};
    use downbeat_lsm::superblock::{CheckpointState, Superblock};

    use super::*;
    use downbeat::disk::Damage;

    #[test]
    fn a_superblock_is_lost_only_with_more_than_half_of_its_copies() {
        let options = LayoutOptions {
            sector_size: Layout::SECTOR_SIZE_MIN,
            block_size: Layout::BLOCK_SIZE_MIN,
            superblock_copies: 4,
            block_count: 1,
        };
        let layout = Layout::new(options).expect("the sizes are valid");
        let mut disk = SimulatedDisk::new(layout);
        assert_eq!(refusal(&disk), Some(Reason::NotFormatted));
        let formatted = Superblock::new(&layout).format(&mut disk, 1, &CheckpointState::default());
        formatted.expect("nothing fails");
        let expected = [None, None, Some(Reason::QuorumLost), Some(Reason::NotFormatted)];
        for (copy, expected) in expected.into_iter().enumerate() {
            let sector = disk.image().sector_of(layout.superblock_copy(copy).offset);
            disk.image_mut().damage(sector, Damage::Zeroed);
            assert_eq!(refusal(&disk), expected, "copies up to {copy} are damaged");
        }
    }
}

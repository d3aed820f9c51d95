//! Why the copies of the superblock on a disk cannot be opened, decided by this file's own rules
//! and not by the core's quorum.

use downbeat_lsm::block::Reason;
use downbeat_lsm::superblock::SuperblockHeader;

use downbeat::disk::SimulatedDisk;

/// Returns why no superblock can be chosen from the copies, as the disk reads them. Returns `None`
/// if one can be chosen.
pub(super) fn refusal(disk: &SimulatedDisk) -> Option<Reason> {
    let layout = disk.layout();
    let mut bytes = vec![0; layout.superblock_copy_size()];
    let mut read = |copy| {
        let is_readable = disk.image().read(layout.superblock_copy(copy).offset, &mut bytes);
        is_readable.ok().and_then(|_| SuperblockHeader::read(copy, &bytes))
    };
    let copies: Vec<_> = (0..layout.superblock_copies()).filter_map(&mut read).collect();
    if copies.is_empty() {
        return Some(Reason::NotFormatted);
    }
    // Half of the copies are enough, so at most two superblocks have enough.
    let half = layout.superblock_copies() / 2;
    let count = |header: &SuperblockHeader| copies.iter().filter(|it| it.is_same(header)).count();
    let mut enough: Vec<_> = copies.iter().filter(|header| count(header) >= half).collect();
    enough.sort_by_key(|header| header.sequence());
    match (enough.first(), enough.last()) {
        (Some(one), Some(other)) if one.is_same(other) => None,
        (Some(older), Some(newer)) if older.sequence() == newer.sequence() => Some(Reason::Fork),
        (Some(older), Some(newer)) => {
            let follows = older.sequence() + 1 == newer.sequence();
            let is_parent = newer.parent() == older.checksum();
            (!follows || !is_parent).then_some(Reason::ParentNotConnected)
        }
        _ => Some(Reason::QuorumLost),
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

//! The superblock on a device whose reads fail, or whose writes go elsewhere.

use downbeat::disk::{Armed, Damage, FaultKind, FaultLimits, SimulatedDisk};
use downbeat_lsm::storage::{Access, Layout, LayoutOptions, Storage};
use downbeat_lsm::superblock::{CheckpointState, Superblock, SuperblockError};

fn disk() -> (Layout, SimulatedDisk) {
    let options =
        LayoutOptions { sector_size: 128, block_size: 256, superblock_copies: 4, block_count: 1 };
    let layout = Layout::new(options).expect("the layout is valid");
    let mut disk = SimulatedDisk::new(layout);
    let formatted = Superblock::new(&layout).format(&mut disk, 1, &CheckpointState::default());
    formatted.expect("nothing fails");
    (layout, disk)
}

#[test]
fn an_unreadable_device_is_not_reported_as_unformatted() {
    let (layout, mut disk) = disk();
    let mut superblock = Superblock::new(&layout);
    for failing in [3, 4] {
        for _ in 0..failing {
            disk.arm(Armed { kind: FaultKind::Fails, access: Some(Access::Read), nth: 1 });
        }
        let opened = superblock.open(&mut disk);
        assert!(matches!(opened, Err(SuperblockError::Fault(_))), "{opened:?}");
        superblock.reset();
        superblock.open(&mut disk).expect("the superblock opens again");
        superblock.reset();
    }
}

#[test]
fn copies_that_fail_to_be_read_are_rewritten_if_the_others_suffice() {
    let (layout, mut disk) = disk();
    let mut superblock = Superblock::new(&layout);
    for _ in 0..2 {
        disk.arm(Armed { kind: FaultKind::Fails, access: Some(Access::Read), nth: 1 });
    }
    superblock.open(&mut disk).expect("half of the copies suffice");
    assert_eq!((superblock.statistics().unreadable, superblock.statistics().repaired), (2, 2));
}

#[test]
fn a_write_misdirected_to_another_copy_is_detected_before_the_checkpoint_ends() {
    for nth in 1..=4 {
        let (layout, mut disk) = disk();
        let mut superblock = Superblock::new(&layout);
        superblock.open(&mut disk).expect("nothing fails");
        disk.set_limits(FaultLimits::BEYOND);
        disk.arm(Armed { kind: FaultKind::MisdirectedWithin, access: None, nth });
        superblock
            .checkpoint(&mut disk, &CheckpointState { beat: 1, ..CheckpointState::default() });
        loop {
            let completion = disk.step().expect("the superblock waits");
            if let Some(ended) = superblock.complete(&mut disk, completion) {
                ended.expect("the superblock was written again");
                break;
            }
        }
        assert!(disk.image().damages().is_empty(), "write {nth}: {:?}", disk.image().damages());
        assert!(superblock.statistics().rewritten > 0);
    }
}

#[test]
fn a_checkpoint_overwrites_no_copy_while_too_few_copies_can_be_read() {
    let (layout, mut disk) = disk();
    let mut superblock = Superblock::new(&layout);
    superblock.open(&mut disk).expect("nothing fails");
    let sector = disk.image().sector_of(layout.superblock_copy(2).offset);
    disk.image_mut().damage(sector, Damage::Zeroed);
    for _ in 0..2 {
        disk.arm(Armed { kind: FaultKind::Fails, access: Some(Access::Read), nth: 1 });
    }
    superblock.checkpoint(&mut disk, &CheckpointState { beat: 1, ..CheckpointState::default() });
    let ended = loop {
        let completion = disk.step().expect("the superblock waits");
        if let Some(ended) = superblock.complete(&mut disk, completion) {
            break ended;
        }
    };
    assert!(matches!(ended, Err(SuperblockError::Fault(_))), "{ended:?}");
    assert_eq!(disk.image().unflushed().len(), 0);
    superblock.reset();
    superblock.open(&mut disk).expect("the superblock opens again");
    assert_eq!((superblock.working().sequence(), superblock.statistics().repaired), (1, 1));
}

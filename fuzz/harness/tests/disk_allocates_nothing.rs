//! A simulated disk allocates nothing in a run that is like an earlier run, including resets and
//! copies. This is a test program of its own, because it counts the allocations of the whole
//! process.

use allocation_counter::measure;
use downbeat::disk::{Armed, FaultKind, FaultLimits, Order, RuleOptions, SimulatedDisk};
use downbeat_lsm::storage::{Buffer, Layout, LayoutOptions, Operation, Owner, Storage};

const OWNER: Owner = Owner { component: 0, slot: 0 };

fn layout(sector_size: usize, block_size: usize) -> Layout {
    let options =
        LayoutOptions { sector_size, block_size, superblock_copies: 4, block_count: 1 << 14 };
    Layout::new(options).expect("the layout is valid")
}

/// Writes, reads, flushes, faults, damage, and crashes, both on copies and on the disk itself.
fn run(
    disk: &mut SimulatedDisk,
    trial: &mut SimulatedDisk,
    layout: Layout,
    buffers: &mut Vec<Buffer>,
) {
    disk.reset(layout);
    disk.set_order(Order::Chance);
    disk.set_limits(FaultLimits { superblock: 2, grid: usize::MAX });
    disk.set_rules(RuleOptions { journal: true, unwritten_reads: false, ..RuleOptions::default() });
    for round in 0..20 {
        disk.set_schedule(round);
        disk.arm(Armed { kind: FaultKind::MisdirectedWithin, access: None, nth: 5 });
        disk.arm(Armed { kind: FaultKind::Flips, access: None, nth: 9 });
        for index in 0..16 {
            let address = 1 + (round * 16 + index) * 40;
            let buffer = buffers.pop().expect("buffers come back").share();
            disk.submit(Operation::Write { span: layout.block(address), buffer }, OWNER);
            disk.protect(address + 1);
            let buffer = buffers.pop().expect("buffers come back");
            disk.submit(Operation::Read { span: layout.block(address), buffer }, OWNER);
        }
        trial.copy_at_power_loss(disk);
        trial.restart();
        let mut take = |operation| match operation {
            Operation::Read { buffer, .. } => buffers.push(buffer),
            Operation::Write { buffer, .. } => {
                buffers.push(buffer.try_take().expect("the buffer has one owner"));
            }
            Operation::Flush => {}
        };
        while let Some(completion) = disk.step() {
            take(completion.operation);
        }
        disk.submit(Operation::Flush, OWNER);
        disk.damage(layout.superblock_copy((round % 4) as usize), FaultKind::Zeroes);
        if round % 3 == 0 {
            disk.crash();
            while let Some(operation) = disk.abandon() {
                take(operation);
            }
            disk.restart();
        }
        assert!(disk.step().is_none_or(|completion| completion.result.is_ok()));
        disk.unprotect_all();
        assert_eq!(disk.take_journal().count(), 16);
    }
}

#[test]
fn a_disk_that_has_seen_a_run_allocates_nothing_for_the_next() {
    let layouts = [layout(64, 256), layout(512, 4096), layout(4096, 4096)];
    let [mut disk, mut trial] = [0; 2].map(|_| SimulatedDisk::new(layouts[0]));
    let mut buffers: Vec<Buffer> = (0..40).map(|_| Buffer::new(4096)).collect();
    let mut all = |disk: &mut SimulatedDisk, trial: &mut SimulatedDisk| {
        for layout in layouts {
            run(disk, trial, layout, &mut buffers);
        }
    };
    let first = measure(|| all(&mut disk, &mut trial));
    let second = measure(|| all(&mut disk, &mut trial));
    assert!(first.count_total > 0, "allocations are counted");
    assert_eq!(second.count_total, 0);
}

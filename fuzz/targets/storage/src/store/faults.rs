//! Faults of the disk: how a run prepares its disk for them, and how an operation arms one.

use downbeat::Run;
use downbeat::disk::{Armed, FaultKind, FaultLimits, Order, RuleOptions, SimulatedDisk};
use downbeat_lsm::storage::Access;

/// What the operation `fault` can arm, by number.
const FAULT_KINDS: [FaultKind; 8] = [
    FaultKind::Fails,
    FaultKind::Flips,
    FaultKind::Lost,
    FaultKind::MisdirectedWithin,
    FaultKind::MisdirectedAcross,
    FaultKind::Zeroes,
    FaultKind::Garbles,
    FaultKind::SpoilsReading,
];

/// Prepares a reset disk for a run. Unless `beyond` is set, the disk keeps its faults within the
/// limits that a store withstands. Half of the disks take space back. If the run has an
/// interference, arms it.
pub fn prepare(disk: &mut SimulatedDisk, order: Order, beyond: bool, journal: bool, run: &Run) {
    prepare_without_interference(disk, order, beyond, journal);
    if let Some(armed) = run.interference() {
        disk.arm(armed);
    }
}

/// As [`prepare`], for a world that arms the interference itself.
pub fn prepare_without_interference(
    disk: &mut SimulatedDisk,
    order: Order,
    beyond: bool,
    journal: bool,
) {
    let copies = disk.layout().superblock_copies();
    // Half of the disks take space back, chosen by the sizes, the order and the limits together.
    let sizes = disk.layout().size().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    disk.support_discards((sizes + order as u64 + u64::from(beyond)).is_multiple_of(2));
    disk.set_order(order);
    disk.set_limits(if beyond {
        FaultLimits::BEYOND
    } else {
        FaultLimits { superblock: copies / 2, grid: 0 }
    });
    disk.set_rules(RuleOptions { journal, ..RuleOptions::default() });
}

/// Arms a fault for I/O `io` from now, counted from 0. The number `kind` selects the kind of fault,
/// modulo the number of kinds.
pub fn arm_fault(disk: &mut SimulatedDisk, kind: u32, io: u32) {
    let kind = FAULT_KINDS[kind as usize % FAULT_KINDS.len()];
    disk.arm(Armed { kind, access: None, nth: u64::from(io) + 1 });
}

/// Arms a loss of power after I/O `io` from now, counted from 0.
pub fn arm_power_loss(disk: &mut SimulatedDisk, io: u32) {
    disk.arm(Armed { kind: FaultKind::PowerLoss, access: None, nth: u64::from(io) + 1 });
}

/// Arms failures of `count` reads in a row, after `before` reads from now.
pub fn arm_burst(disk: &mut SimulatedDisk, before: u32, count: u32) {
    let first = u64::from(before) + 1;
    for nth in first..first + u64::from(count) {
        disk.arm(Armed { kind: FaultKind::Fails, access: Some(Access::Read), nth });
    }
}

/// Whether several reads failed after the first `since` I/Os of a disk.
#[must_use]
pub fn several_reads_failed(disk: &SimulatedDisk, since: u64) -> bool {
    let mishaps = disk.mishaps().iter().rev().take_while(|mishap| mishap.io > since);
    mishaps.filter(|mishap| mishap.failed && mishap.access == Access::Read).nth(1).is_some()
}

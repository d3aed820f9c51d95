//! Faults of the disk: how a run prepares its disk for them, how an operation arms one, and which
//! errors of a store they explain.

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::superblock::SuperblockError;

use downbeat::Run;
use downbeat::disk::{Armed, FaultKind, FaultLimits, Order, Outcome, RuleOptions, SimulatedDisk};

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

/// Prepares a disk, which was reset, for a run. If not `beyond`, the faults stay within the limits
/// that a store withstands. Arms the interference with the run, if there is one.
pub fn prepare(disk: &mut SimulatedDisk, order: Order, beyond: bool, journal: bool, run: &Run) {
    let copies = disk.layout().superblock_copies();
    disk.set_order(order);
    disk.set_limits(if beyond {
        FaultLimits::BEYOND
    } else {
        FaultLimits { superblock: copies / 2, grid: 0 }
    });
    disk.set_rules(RuleOptions { unwritten_reads: !beyond, journal, ..RuleOptions::default() });
    if let Some(armed) = run.interference() {
        disk.arm(armed);
    }
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

/// Returns the outcomes on the disk that explain why a checkpoint failed. None explains an error
/// that no fault of the disk causes.
pub fn causes(error: &CheckpointError) -> &'static [Outcome] {
    match error {
        CheckpointError::Grid(GridError::Failed(_))
        | CheckpointError::Superblock(SuperblockError::Fault(_)) => &[
            Outcome::WriteFailed,
            Outcome::FlushFailed,
            // The superblock refuses to overwrite its copies if too few can be read.
            Outcome::ReadFailed,
            Outcome::UnreadableRead,
        ],
        // A copy is written up to three times, so all three attempts must have failed.
        CheckpointError::Superblock(SuperblockError::Unverified) => &[
            Outcome::WriteLost,
            Outcome::MisdirectedWithin,
            Outcome::MisdirectedAcross,
            Outcome::DamagedRead,
            Outcome::ReadFailed,
            Outcome::UnreadableRead,
        ],
        _ => &[],
    }
}

/// Returns how often these outcomes occurred on the disk in this run.
pub fn occurred(disk: &SimulatedDisk, outcomes: &[Outcome]) -> u64 {
    outcomes.iter().map(|outcome| disk.counts().of(*outcome)).sum()
}

//! The phase of a store before an operation. The answers are the same for all targets with a store.

use downbeat::disk::{FaultKind, SimulatedDisk};

/// The number of answers of [`in_bar`].
pub const IN_BAR: usize = 5;

/// The number of answers of [`until_checkpoint`].
pub const UNTIL_CHECKPOINT: usize = 4;

/// The number of answers of [`next_fault`].
pub const FAULTS: usize = 2 + FaultKind::ALL.len();

/// Where the next beat is in its bar of `bar` beats: the first (0), in the first half (1), the
/// first of the second half (2) or in the second half (3). If the last beat is under way: 4.
#[must_use]
pub fn in_bar(next_beat: u64, bar: u64, is_under_way: bool) -> usize {
    match next_beat % bar {
        _ if is_under_way => 4,
        0 => 0,
        beat if beat < bar / 2 => 1,
        beat if beat == bar / 2 => 2,
        _ => 3,
    }
}

/// When the next checkpoint is taken: in the bar of the next beat (0), in the bar after it (1) or
/// later (2). If the store is read-only: 3.
#[must_use]
pub fn until_checkpoint(next_beat: u64, checkpoint: u64, bar: u64, is_read_only: bool) -> usize {
    if is_read_only {
        return UNTIL_CHECKPOINT - 1;
    }
    let bars = (checkpoint / bar).saturating_sub(next_beat / bar);
    bars.min(2) as usize
}

/// The next fault that is armed: none (0), a loss of power that is not armed on the disk itself
/// (1), or a fault of the disk, by its kind.
#[must_use]
pub fn next_fault(disk: &SimulatedDisk, loses_power: bool) -> usize {
    let of_disk = disk.armed().first().map(|armed| 2 + armed.kind as usize);
    of_disk.unwrap_or(usize::from(loses_power))
}

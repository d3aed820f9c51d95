//! What is counted of a run: what the disk did, what the grid says of itself, and what the world did.

use downbeat_lsm::grid::GridStatistics;
use downbeat_lsm::superblock::SuperblockStatistics;

use downbeat::disk::Outcome;
use downbeat::run::Run;

/// What the grid and the superblock say of themselves.
const STATISTICS: [&str; 19] = [
    "read from the cache",
    "read from a pending write",
    "read joined another",
    "read from the device",
    "read gave wrong bytes",
    "read failed",
    "read had to wait",
    "block written",
    "write had to wait",
    "flush",
    "write or flush failed",
    "cached block evicted",
    "cached block replaced",
    "reservation refused",
    "checkpoint",
    "superblock repaired",
    "superblock rewritten",
    "copy of the superblock unreadable",
    "superblock opened",
];

/// Events that the world counts, behind those.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    OpenedAcknowledged = Outcome::NAMES.len() + STATISTICS.len(),
    OpenedUnderWay,
    OpeningCrashed,
    OpeningFailed,
    FormattedAnew,
    CheckpointCrashed,
    CheckpointFailed,
    CheckpointFull,
    WriteRefused,
    MemoryAwaited,
    OldFound,
    OldRefused,
    Reused,
    RetriedRead,
    HeldBeyondCache,
    Forgotten,
}

const WORLD_NAMES: [&str; 16] = [
    "opened as the last checkpoint",
    "opened as the checkpoint under way",
    "power lost while opening",
    "opening failed, and was tried again",
    "store refused, and formatted anew",
    "power lost in a checkpoint",
    "checkpoint failed",
    "checkpoint found no free blocks",
    "write refused after a failure",
    "write waited for memory",
    "old block still there",
    "old block refused",
    "address used again",
    "read that failed was tried again",
    "block kept that the cache dropped",
    "read forgotten",
];

const COUNT: usize = Event::Forgotten as usize + 1;

/// Every event, by number.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; COUNT];
    let mut at = 0;
    let parts: [&[&str]; 3] = [Outcome::NAMES, &STATISTICS, &WORLD_NAMES];
    let mut part = 0;
    while part < parts.len() {
        let mut next = 0;
        while next < parts[part].len() {
            names[at] = parts[part][next];
            (at, next) = (at + 1, next + 1);
        }
        part += 1;
    }
    names
};

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what grid and superblock say since they were as new.
pub(super) fn harvest(grid: &GridStatistics, superblock: &SuperblockStatistics, run: &mut Run) {
    let GridStatistics {
        read_from_cache,
        read_from_writes,
        reads_joined,
        read_from_device,
        reads_corrupt,
        reads_failed,
        reads_queued,
        written,
        writes_queued,
        flushes,
        failed,
        evicted,
        replaced,
        refused_for_want_of_blocks,
        checkpoints,
    } = *grid;
    let SuperblockStatistics { checkpoints: _, opens, repaired, rewritten, unreadable } =
        *superblock;
    let facts = [
        read_from_cache,
        read_from_writes,
        reads_joined,
        read_from_device,
        reads_corrupt,
        reads_failed,
        reads_queued,
        written,
        writes_queued,
        flushes,
        failed,
        evicted,
        replaced,
        refused_for_want_of_blocks,
        checkpoints,
        repaired,
        rewritten,
        unreadable,
        opens,
    ];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(Outcome::NAMES.len() + fact, count);
    }
}

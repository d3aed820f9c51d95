//! What is counted of a run: what the disk did, what the log says of itself, and what the world did.

use downbeat_lsm::manifest_log::ManifestLogStatistics;

use crate::disk::{Counts, Outcome};
use crate::run::Run;

/// What the log says of itself.
const STATISTICS: [&str; 17] = [
    "table inserted",
    "table changed",
    "table removed",
    "block closed when it was full",
    "block closed by a checkpoint",
    "block compacted",
    "entry kept",
    "older version dropped",
    "end of a table dropped",
    "half-bar",
    "half-bar refused",
    "half-bar waited for memory",
    "block read at opening",
    "table reported",
    "older version passed over",
    "table that is gone, from its beginning",
    "end of a table passed over",
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
    CheckpointEmpty,
    RoomMade,
    HalfBarFull,
    FailedByDamage,
    FailedByRead,
    FailedByWrite,
    Failed,
    Refused,
    Reused,
}

const WORLD_NAMES: [&str; 16] = [
    "opened as the last checkpoint",
    "opened as the checkpoint under way",
    "power lost while opening",
    "opening failed, and was tried again",
    "store refused, and formatted anew",
    "power lost in a checkpoint",
    "checkpoint failed",
    "checkpoint of a log without blocks",
    "room made by checkpoints",
    "half-bar ended since it was full",
    "half-bar found damage",
    "half-bar could not read",
    "half-bar could not write",
    "log failed",
    "failed log refused",
    "address used again",
];

const COUNT: usize = Event::Reused as usize + 1;

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

/// Counts what the disk did since it was as new.
pub(super) fn harvest_disk(counts: &Counts, run: &mut Run) {
    counts.tell(Outcome::ALL, 0, run);
}

/// Counts what the log says since it was as new.
pub(super) fn harvest(statistics: &ManifestLogStatistics, run: &mut Run) {
    let ManifestLogStatistics {
        inserts,
        updates,
        removes,
        blocks_closed_full,
        blocks_closed_partly,
        blocks_compacted,
        entries_kept,
        versions_dropped,
        removes_dropped,
        half_bars,
        half_bars_refused,
        memory_awaited,
        blocks_opened,
        tables_opened,
        versions_passed,
        incarnations_cancelled,
        removes_passed,
    } = *statistics;
    let facts = [
        inserts,
        updates,
        removes,
        blocks_closed_full,
        blocks_closed_partly,
        blocks_compacted,
        entries_kept,
        versions_dropped,
        removes_dropped,
        half_bars,
        half_bars_refused,
        memory_awaited,
        blocks_opened,
        tables_opened,
        versions_passed,
        incarnations_cancelled,
        removes_passed,
    ];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(Outcome::NAMES.len() + fact, count);
    }
}

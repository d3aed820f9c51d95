//! What is counted of a run: what the disk did, what the log says of itself, and what the world
//! did.

use downbeat_lsm::manifest_log::ManifestLogStatistics;

use downbeat::disk::{Counts, Outcome, event_names};
use downbeat::run::Run;

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
    OpenedAcknowledged = STATISTICS.len(),
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

/// What the disk did. Of a sector, the log writes no second version before it flushes.
const OUTCOMES: &[Outcome] = &{
    let mut outcomes = [Outcome::ALL[0]; Outcome::ALL.len() - 1];
    let (mut from, mut to) = (0, 0);
    while from < Outcome::ALL.len() {
        if from != Outcome::OlderSurvived as usize {
            outcomes[to] = Outcome::ALL[from];
            to += 1;
        }
        from += 1;
    }
    outcomes
};

const OWN_COUNT: usize = Event::Reused as usize + 1;

/// Every event, by number: those of the disk come last.
pub(super) const NAMES: &[&str] = &{
    let mut own = [""; OWN_COUNT];
    let mut at = 0;
    while at < OWN_COUNT {
        own[at] =
            if at < STATISTICS.len() { STATISTICS[at] } else { WORLD_NAMES[at - STATISTICS.len()] };
        at += 1;
    }
    event_names::<{ OWN_COUNT + OUTCOMES.len() }>(&own, OUTCOMES)
};

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what the disk did since it was as new.
pub(super) fn harvest_disk(counts: &Counts, run: &mut Run) {
    for (place, outcome) in OUTCOMES.iter().enumerate() {
        run.event(OWN_COUNT + place, counts.of(*outcome));
    }
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
        run.event(fact, count);
    }
}

//! What is counted of a run: the set's own statistics, and what the world did by itself.

use downbeat_lsm::grid::free_set::{FreeSet, FreeSetStatistics};

use downbeat::run::Run;

/// Every event, by number: first those of the set.
pub(super) const NAMES: &[&str] = &[
    "reservation made",
    "reservation refused",
    "block acquired",
    "block forfeited",
    "block released",
    "block staged",
    "block freed",
    "shard filled",
    "shard opened",
    "reservation exhausted",
    "checkpoint without room for its sets",
    "checkpoint lost",
    "checkpoint abandoned",
    "opened with more blocks",
    "opened with fewer blocks",
    "opened with too few blocks",
    "cycle for want of room",
    "release for want of room",
    "another set opened",
    "another set refused",
];

/// Events that the world counts, behind the others.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    Exhausted = 9,
    CheckpointElsewhere,
    CheckpointLost,
    CheckpointAbandoned,
    OpenedWithMore,
    OpenedWithFewer,
    OpenedWithTooFew,
    CycleForRoom,
    ReleasedForRoom,
    OtherOpened,
    OtherRefused,
}

const _: () = assert!(NAMES.len() == Event::OtherRefused as usize + 1);

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}

/// Counts what a set's statistics say since it was as new.
pub(super) fn harvest(set: &FreeSet, run: &mut Run) {
    let FreeSetStatistics {
        reservations,
        reservations_refused,
        blocks_acquired,
        blocks_forfeited,
        blocks_released,
        blocks_staged,
        blocks_freed,
        shards_filled,
        shards_opened,
    } = *set.statistics();
    let facts = [
        reservations,
        reservations_refused,
        blocks_acquired,
        blocks_forfeited,
        blocks_released,
        blocks_staged,
        blocks_freed,
        shards_filled,
        shards_opened,
    ];
    for (fact, count) in facts.into_iter().enumerate() {
        run.event(fact, count);
    }
}

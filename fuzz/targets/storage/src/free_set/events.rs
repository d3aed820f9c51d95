//! Events of a run: what the free set counts, and what the world counts.

use downbeat_lsm::grid::free_set::FreeSetStatistics;

downbeat::events! {
    /// What a free set has counted since it was last reset.
    pub(super) fn set(FreeSetStatistics) {
        "reservation made" => reservations,
        "reservation refused" => reservations_refused,
        "block acquired" => blocks_acquired,
        "block forfeited" => blocks_forfeited,
        "block released" => blocks_released,
        "block staged" => blocks_staged,
        "block freed" => blocks_freed,
        "shard filled" => shards_filled,
        "shard opened" => shards_opened,
    }

    /// What the world counts.
    pub(super) enum Event {
        Exhausted "reservation has no blocks left",
        CheckpointElsewhere "checkpoint with too few blocks for its sets",
        CheckpointLost "checkpoint lost",
        CheckpointAbandoned "checkpoint abandoned",
        OpenedWithMore "opened with more blocks",
        OpenedWithFewer "opened with fewer blocks",
        OpenedWithTooFew "opened with too few blocks",
        CycleForRoom "checkpoint taken to free blocks",
        ReleasedForRoom "block released to free blocks",
        OtherOpened "another set opened",
        OtherRefused "another set refused",
    }
}

//! Events of a run: what the log counts, what the world does, and what the disk does.

use downbeat_lsm::manifest_log::ManifestLogStatistics;

use downbeat::disk::{Counts, Outcome};

downbeat::events! {
    /// What the log has counted since it was opened.
    pub(super) fn log(ManifestLogStatistics) {
        "table inserted" => inserts,
        "table changed" => updates,
        "table removed" => removes,
        "block closed when it was full" => blocks_closed_full,
        "block closed by a checkpoint" => blocks_closed_partly,
        "block compacted" => blocks_compacted,
        "entry kept" => entries_kept,
        "older version dropped" => versions_dropped,
        "removal dropped" => removes_dropped,
        "half-bar" => half_bars,
        "half-bar refused" => half_bars_refused,
        "half-bar waited for memory" => memory_awaited,
        "block read at opening" => blocks_opened,
        "table reported" => tables_opened,
        "older version passed over" => versions_passed,
        "insert of a removed table passed over" => incarnations_cancelled,
        "removal passed over" => removes_passed,
    }

    /// What the world counts.
    pub(super) enum Event {
        OpenedAcknowledged "opened at the last checkpoint",
        OpenedUnderWay "opened at the checkpoint under way",
        OpeningCrashed "power lost while opening",
        OpeningFailed "opening failed and was tried again",
        FormattedAnew "store damaged beyond repair and formatted again",
        CheckpointCrashed "power lost in a checkpoint",
        CheckpointFailed "checkpoint failed",
        CheckpointEmpty "checkpoint of a log without blocks",
        RoomMade "room made by checkpoints",
        HalfBarFull "half-bar ended because it was full",
        FailedByDamage "half-bar found damage",
        FailedByRead "half-bar could not read",
        FailedByWrite "half-bar could not write",
        Failed "log failed",
        Refused "failed log refused",
        Reused "address reused",
    }

    /// What the disk did.
    pub(super) fn disk(counts: &Counts) for outcome in OUTCOMES {
        Outcome::NAMES[outcome as usize] => counts.of(outcome)
    }
}

/// All outcomes but one: the log flushes before it rewrites a sector, so an unflushed sector has no
/// older version.
const OUTCOMES: &[Outcome] = &{
    let mut outcomes = [Outcome::Read; Outcome::ALL.len() - 1];
    let mut index = 0;
    while index < outcomes.len() {
        let skipped = index >= Outcome::OlderSurvived as usize;
        outcomes[index] = Outcome::ALL[index + skipped as usize];
        index += 1;
    }
    outcomes
};

//! Beats that the test drives step by step.

use downbeat_lsm::forest::{BeatError, BeatProgress};
use downbeat_lsm::record::Record;
use downbeat_lsm::storage::Storage;
use downbeat_lsm::store::Store;

/// Continues the beat under way, and lets the device complete one operation if the beat waits.
pub(crate) fn advance_or_step<R: Record, S: Storage>(store: &mut Store<R, S>) -> BeatProgress {
    match store.by_hand().beat_advance() {
        BeatProgress::Waiting => store.by_hand().beat_step(),
        progress => progress,
    }
}

/// Drives the beat under way to its end. If the beat took a checkpoint, returns the last beat that
/// the checkpoint holds.
pub(crate) fn end_beat<R: Record, S: Storage>(
    store: &mut Store<R, S>,
) -> Result<Option<u64>, BeatError> {
    loop {
        match advance_or_step(store) {
            BeatProgress::Waiting => {}
            BeatProgress::Ended { checkpoint } => return Ok(checkpoint),
            BeatProgress::Failed(error) => return Err(error),
        }
    }
}

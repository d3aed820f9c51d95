//! Beats that the test drives step by step.

use downbeat_lsm::forest::{BeatError, BeatProgress};
use downbeat_lsm::record::Record;
use downbeat_lsm::storage::Storage;
use downbeat_lsm::store::Store;

/// Continues the beat under way, and lets the device complete one operation if the beat waits.
pub(crate) fn go_on<R: Record, S: Storage>(store: &mut Store<R, S>) -> BeatProgress {
    match store.by_hand().beat_advance() {
        BeatProgress::Waiting => store.by_hand().beat_step(),
        progress => progress,
    }
}

/// Drives the beat under way to its end. Returns the last beat of its checkpoint, if it took one.
pub(crate) fn end_beat<R: Record, S: Storage>(
    store: &mut Store<R, S>,
) -> Result<Option<u64>, BeatError> {
    loop {
        match go_on(store) {
            BeatProgress::Waiting => {}
            BeatProgress::Ended { checkpoint } => return Ok(checkpoint),
            BeatProgress::Failed(error) => return Err(error),
        }
    }
}

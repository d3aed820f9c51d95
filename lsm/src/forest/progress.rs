//! The progress of a beat after a call that drives it.

use super::BeatError;

/// The progress of a beat after a call that drives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a beat that waits must be driven on"]
pub enum BeatProgress {
    /// The beat waits for the device.
    Waiting,
    /// The beat ended.
    Ended {
        /// The last durable beat, if the beat ended with a checkpoint.
        checkpoint: Option<u64>,
    },
    /// The beat failed. The store is read-only until it is reopened.
    Failed(BeatError),
}

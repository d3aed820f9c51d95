//! The result of a call that continues a beat.

use super::BeatError;

/// The progress of a beat after a call that continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a waiting beat must be continued"]
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

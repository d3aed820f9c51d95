//! How the continuation of a beat ended, for targets of a store that runs its own beats.

use downbeat_lsm::forest::BeatError;

/// How the continuation of a beat ended.
#[derive(Debug)]
pub enum BeatOutcome {
    /// The beat ended. If it took a checkpoint, the number is that of the last beat that the
    /// checkpoint contains.
    Ended(Result<Option<u64>, BeatError>),
    /// The beat was left under way.
    Left,
    /// The beat does not end.
    Hangs,
}

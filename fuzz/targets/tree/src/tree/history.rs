//! The list of calls that changed a store, which a twin repeats. Reads are not in it.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::superblock::{ChangingOptions, CheckpointState};

/// A call that may change the store's disk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Puts the record of a key that write number `stamp` makes.
    Put { key: u64, stamp: u64 },
    /// Removes a key.
    Remove { key: u64 },
    /// Opens a scope.
    Open,
    /// Closes the scope.
    Close(ScopeOutcome),
    /// Requests a checkpoint.
    Want,
    /// Runs a beat.
    Beat(CompactionPace, Ended),
    /// Makes everything that was put durable, with a call that runs the beats.
    Checkpoint(Ended),
    /// Closes the store and opens it again, with these options.
    Reopen(ChangingOptions),
    /// Formats the store again, with this number and these options.
    Format(u64, ChangingOptions),
}

/// How a beat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a history is short: the twin repeats it after each operation"
)]
pub(crate) enum Ended {
    /// Without a checkpoint.
    Plainly,
    /// With a checkpoint, which has this state.
    WithCheckpoint(CheckpointState),
    /// With an error, because the store is full.
    Full,
}

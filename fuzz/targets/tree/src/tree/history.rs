//! What was done to a store, reads left out: for somebody who does the same to another.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::superblock::CheckpointState;

/// A call that may change what lies on the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    /// Puts the record of a key that this write made.
    Put { key: u64, stamp: u64 },
    /// Removes a key.
    Remove { key: u64 },
    /// Opens a scope.
    Open,
    /// Closes it.
    Close(ScopeOutcome),
    /// Asks for a checkpoint.
    Want,
    /// Ends a beat.
    Beat(CompactionPace, Ended),
    /// Closes the store and opens it again.
    Reopen,
}

/// What came of a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It ended, without a checkpoint.
    Plainly,
    /// It ended with a checkpoint, which says this.
    WithCheckpoint(CheckpointState),
    /// There was no room for it.
    Full,
}

//! What a checkpoint of a store holds.

use super::Slot;

/// A checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub beat: u64,
    /// All addresses, but for the blocks of its own free set.
    pub slots: Vec<Slot>,
    /// The blocks of its own free set.
    pub trailers: Vec<u64>,
}

//! The content of a checkpoint of a store.

use super::Slot;

/// A checkpoint of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The beat of the checkpoint.
    pub beat: u64,
    /// The slot of every address, without the blocks of the checkpoint's own free set.
    pub slots: Vec<Slot>,
    /// The addresses of the blocks of its own free set.
    pub trailers: Vec<u64>,
}

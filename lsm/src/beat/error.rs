//! The reasons why a beat failed. After such an error the store is read-only until it is reopened.

use std::error::Error;
use std::fmt;

use crate::checkpoint::CheckpointError;
use crate::grid::GridError;

/// The reason why a beat failed. No further beat runs until the store is reopened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeatError {
    /// A block could not be read, or blocks can no longer be written.
    Grid(GridError),
    /// The checkpoint at the end of the beat failed.
    Checkpoint(CheckpointError),
    /// The last level of a tree has as many tables as it may have.
    TreeIsFull {
        /// The name of the tree.
        tree: &'static str,
    },
}

impl Error for BeatError {}

impl fmt::Display for BeatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid(error) => error.fmt(formatter),
            Self::Checkpoint(error) => error.fmt(formatter),
            Self::TreeIsFull { tree } => write!(
                formatter,
                "the tree \"{tree}\" is full: use more levels or a larger growth factor"
            ),
        }
    }
}

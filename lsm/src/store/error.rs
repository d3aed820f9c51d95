//! Why a store cannot do something.
//!
//! What this does not do: it is not for bugs.

use std::error::Error;
use std::fmt;

use super::InvalidStore;
use crate::checkpoint::CheckpointError;
use crate::forest::BeatError;
use crate::grid::GridError;
use crate::superblock::SuperblockError;

/// Why a store cannot do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// There cannot be such a store.
    Invalid(InvalidStore),
    /// The store on the device was formatted with other options, of those that decide what is on it, or for other
    /// records.
    OtherOptions,
    /// A block cannot be had. Others can.
    Grid(GridError),
    /// The superblock cannot be had.
    Superblock(SuperblockError),
    /// The store is read-only until it is opened anew: this was the reason.
    ReadOnly(BeatError),
    /// The store was never opened, or could not be when it was last asked for.
    Closed,
    /// The store was opened or formatted again since the lookup began.
    Reopened,
}

impl Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(formatter),
            Self::OtherOptions => formatter.write_str(
                "the store was formatted with other options, or for other records: open it with those",
            ),
            Self::Grid(error) => error.fmt(formatter),
            Self::Superblock(error) => error.fmt(formatter),
            Self::ReadOnly(error) => {
                write!(formatter, "the store is read-only until it is opened anew: {error}")
            }
            Self::Closed => formatter.write_str(
                "the store is closed, as it was not opened or could not be: open it again, or format it",
            ),
            Self::Reopened => formatter
                .write_str("the store was opened again since the lookup began: begin it anew"),
        }
    }
}

impl From<BeatError> for StoreError {
    fn from(error: BeatError) -> Self {
        Self::ReadOnly(error)
    }
}

impl From<GridError> for StoreError {
    fn from(error: GridError) -> Self {
        Self::Grid(error)
    }
}

impl From<CheckpointError> for StoreError {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::Grid(error) => Self::Grid(error),
            CheckpointError::Superblock(error) => Self::Superblock(error),
        }
    }
}

//! The reason why a call on a store failed.

use std::error::Error;
use std::fmt;

use super::InvalidStore;
use crate::beat::BeatError;
use crate::checkpoint::CheckpointError;
use crate::grid::GridError;
use crate::storage::Fault;
use crate::superblock::SuperblockError;

/// The reason why a call on a store failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The options are invalid.
    Invalid(InvalidStore),
    /// The store on the device was formatted for other records, or with other values of the options
    /// that determine the bytes on the device.
    OtherOptions,
    /// The store has more blocks than the options say. A store does not become smaller.
    FewerBlocks {
        /// The number of blocks of the options.
        block_count: u64,
        /// The number of blocks of the store.
        stored: u64,
    },
    /// The store cannot grow by so few blocks: the free sets of the larger store take more than are
    /// added, or so much that the store would lose its
    /// [reserve](super::ForestOptions::has_reserve).
    TooFewMoreBlocks {
        /// The number of blocks of the options.
        block_count: u64,
        /// The number of blocks of the store.
        stored: u64,
    },
    /// The device does not grow to the size that the options need. The store has not changed.
    Grow(Fault),
    /// A block cannot be read. Reads of other blocks may succeed.
    Grid(GridError),
    /// The superblock cannot be read or written.
    Superblock(SuperblockError),
    /// The store is read-only until it is reopened, because a beat failed.
    ReadOnly(BeatError),
    /// The store is full for this write; see [`Fullness`](super::Fullness). Nothing has changed.
    /// Once removals and beats have made room, it is accepted.
    Full,
    /// The store was not opened yet, or the last attempt to open or format it failed.
    Closed,
    /// A beat must run, but a scope is open. Close the scope first. A scope has room for
    /// [`Tree::room`](crate::tree::Tree::room) writes, if the store is not
    /// [full](super::Fullness) for them.
    ScopeIsOpen,
    /// The batch has more records than a beat accepts. Write it in several batches.
    BatchIsTooLong {
        /// The number of records of the batch.
        records: usize,
        /// The maximum, inclusive.
        most: u32,
    },
    /// The store was opened or formatted again after the lookup or the scan began.
    Reopened,
    /// A table can be given up only after the store was opened, before the first write and the
    /// first beat. Nothing has changed.
    NotJustOpened,
    /// A secondary index gives up no table. Nothing has changed.
    IndexIsNotGivenUp,
}

impl Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(formatter),
            Self::OtherOptions => formatter.write_str(
                "the store was formatted with other options or for other records: open it with those",
            ),
            Self::FewerBlocks { block_count, stored } => write!(
                formatter,
                "block_count is {block_count}, but the store has {stored} blocks and does not become \
                 smaller: open it with {stored} or more",
            ),
            Self::TooFewMoreBlocks { block_count, stored } => write!(
                formatter,
                "block_count is {block_count}, but the free sets need more blocks than it adds to the \
                 {stored} of the store, which would have less room or lose its reserve: open it with \
                 {stored}, or with more",
            ),
            Self::Grow(fault) => fault.fmt(formatter),
            Self::Grid(error) => error.fmt(formatter),
            Self::Superblock(error) => error.fmt(formatter),
            Self::ReadOnly(error) => {
                write!(formatter, "the store is read-only until it is reopened: {error}")
            }
            Self::Full => formatter.write_str(
                "the store is full: remove records, and run beats or take a checkpoint",
            ),
            Self::Closed => formatter.write_str(
                "the store is closed: it was not opened, or opening it failed; open or format it first",
            ),
            Self::ScopeIsOpen => formatter
                .write_str("a scope is open, and no beat may run in it: close the scope first"),
            Self::BatchIsTooLong { records, most } => write!(
                formatter,
                "the batch has {records} records, and a beat accepts {most}: write several batches"
            ),
            Self::Reopened => formatter
                .write_str("the store was reopened after the lookup or scan began: begin it again"),
            Self::NotJustOpened => formatter.write_str(
                "tables are given up before the first write and beat: take a checkpoint, and open \
                 the store again first",
            ),
            Self::IndexIsNotGivenUp => formatter.write_str(
                "the records of an index cancel each other, so no table of it can be given up: \
                 format it, and build it again",
            ),
        }
    }
}

impl From<InvalidStore> for StoreError {
    fn from(error: InvalidStore) -> Self {
        Self::Invalid(error)
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

//! The reason why opening or a checkpoint failed.

use std::error::Error;
use std::fmt;

use crate::block::{Corruption, Place, Reason};
use crate::storage::Fault;

/// The reason why opening or a checkpoint failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuperblockError {
    /// Too many copies are damaged, or the superblock is invalid.
    Corruption(Corruption),
    /// The device failed an operation.
    Fault(Fault),
    /// Copies were read back wrong each time they were written.
    Unverified,
    /// The device is gone: it completes no operations.
    Gone,
}

impl SuperblockError {
    /// The superblock is invalid for this reason.
    pub(super) fn corruption(reason: Reason) -> Self {
        Self::Corruption(Corruption { place: Place::Superblock, reason })
    }
}

impl Error for SuperblockError {}

impl fmt::Display for SuperblockError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corruption(corruption) => corruption.fmt(formatter),
            Self::Fault(fault) => fault.fmt(formatter),
            Self::Unverified => formatter.write_str(
                "the device does not keep the superblock that is written to it: replace the device",
            ),
            Self::Gone => formatter.write_str("the device is gone: it completes no operations"),
        }
    }
}

//! Why a block cannot be had, or not be written.
//!
//! What this does not do: it is not for bugs. A block that is free is not asked for.

use std::error::Error;
use std::fmt;

use crate::block::Corruption;
use crate::storage::Fault;

/// Why a block cannot be had, or not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridError {
    /// The bytes on the device are not those of the block.
    Corruption(Corruption),
    /// The device failed at this.
    Fault(Fault),
    /// The device failed at a write or flush before: nothing is written until the store is opened anew, and what was
    /// not written because of it cannot be read.
    Failed(Fault),
    /// There are not enough free blocks.
    Full,
    /// The device completes nothing any more.
    Gone,
}

impl Error for GridError {}

impl From<Corruption> for GridError {
    fn from(corruption: Corruption) -> Self {
        Self::Corruption(corruption)
    }
}

impl fmt::Display for GridError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corruption(corruption) => corruption.fmt(formatter),
            Self::Fault(fault) => fault.fmt(formatter),
            Self::Failed(fault) => {
                write!(
                    formatter,
                    "nothing is written until the store is opened anew, and what was not cannot be read: {fault}"
                )
            }
            Self::Full => {
                formatter.write_str("there are not enough free blocks: make the store larger")
            }
            Self::Gone => formatter.write_str("the device completes nothing any more"),
        }
    }
}

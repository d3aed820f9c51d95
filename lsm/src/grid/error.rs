//! The errors of reads and writes of blocks.
//!
//! A read of a free block is a bug and panics.

use std::error::Error;
use std::fmt;

use crate::block::Corruption;
use crate::storage::Fault;

/// The reason why a block was not read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridError {
    /// The bytes on the device are not the bytes of the block.
    Corruption(Corruption),
    /// This operation of the device failed.
    Fault(Fault),
    /// An earlier write or flush of the device failed. Nothing is written until the store is
    /// reopened, and blocks that were not written because of this failure are not readable.
    Failed(Fault),
    /// There are not enough free blocks.
    Full,
    /// The device is gone: it completes no operations.
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
                    "nothing is written until the store is reopened, and lost blocks are \
                     unreadable: {fault}"
                )
            }
            Self::Full => {
                formatter.write_str("there are not enough free blocks: make the store larger")
            }
            Self::Gone => formatter.write_str("the device is gone: it completes no operations"),
        }
    }
}

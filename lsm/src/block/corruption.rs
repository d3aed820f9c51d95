//! What is wrong with bytes that the device gave.
//!
//! - Corruption is a value: it names the place and the reason, and is handed to whoever wanted the bytes.
//!
//! What this does not do: it repairs nothing, and decides nothing. A device that fails is a fault, not this.

use std::error::Error;
use std::fmt;

use super::BlockReference;

/// Bytes that are not what they must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corruption {
    /// Where they are.
    pub place: Place,
    /// What is wrong with them.
    pub reason: Reason,
}

/// A place on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The block of this address.
    Block(u64),
    /// The superblock, all its copies together.
    Superblock,
}

/// What is wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The size in the header is none that a block can have.
    Size,
    /// The checksum is not that of the bytes.
    Checksum,
    /// A whole block, but not the one that is referred to: an older one, or one from elsewhere.
    OtherBlock,
    /// The address in the header is not that of the place.
    Address,
    /// The version in the header is not known.
    Version,
    /// The kind in the header is not known, or not the one that is referred to.
    Kind,
    /// Bytes that must be zero are not.
    Padding,
    /// Fields that contradict each other, or what the store holds; and which.
    Meaning(&'static str),
    /// Too few copies of the superblock agree.
    QuorumLost,
    /// There is no superblock at all: the device was not formatted.
    NotFormatted,
    /// Two superblocks of the same sequence differ.
    Fork,
    /// A superblock does not follow the one before it.
    ParentNotConnected,
    /// The superblock is that of another layout than the device was opened with.
    Layout,
}

impl Corruption {
    /// What is wrong with this block.
    #[must_use]
    #[cold]
    pub fn of_block(block: BlockReference, reason: Reason) -> Self {
        Self { place: Place::Block(block.address), reason }
    }
}

impl Error for Corruption {}

impl fmt::Display for Corruption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Block(address) => write!(formatter, "block {address}: {}", self.reason),
            Place::Superblock => write!(formatter, "superblock: {}", self.reason),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Size => "its size is none that it can have",
            Self::Checksum => "its checksum is not that of its bytes",
            Self::OtherBlock => "it is another one than the one that is referred to",
            Self::Address => "it carries the address of another place",
            Self::Version => "its version is not known",
            Self::Kind => "its kind is not the one that is referred to",
            Self::Padding => "bytes that must be zero are not",
            Self::Meaning(what) => return write!(formatter, "its meaning is wrong: {what}"),
            Self::QuorumLost => "too few of its copies agree",
            Self::NotFormatted => "there is none: the device was not formatted",
            Self::Fork => "two of the same sequence differ",
            Self::ParentNotConnected => "it does not follow the one before it",
            Self::Layout => "it is that of another layout",
        })
    }
}

//! Corruption: bytes on the device that differ from the bytes that were written or referred to.
//!
//! - Corruption is a value, not a panic. It names the place and the reason, and the read of the
//!   bytes returns it.
//! - If an operation of the device fails, this is a [`Fault`](crate::storage::Fault), not a
//!   corruption.

use std::error::Error;
use std::fmt;

use super::BlockReference;

/// Bytes on the device that are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corruption {
    /// The place of the bytes.
    pub place: Place,
    /// The reason why they are invalid.
    pub reason: Reason,
}

/// A place on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The block at this address.
    Block(u64),
    /// The superblock, with all of its copies.
    Superblock,
    /// The tables of the tree with this id. They contradict each other, or the records in memory.
    Tree(u16),
}

/// The reason why bytes are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The size in the header is invalid.
    Size,
    /// The checksum does not match the bytes.
    Checksum,
    /// A valid block, but not the one that the reference names: an older version, or a block from
    /// another place.
    OtherBlock,
    /// The address in the header is not the address of the block.
    Address,
    /// The version in the header is unknown.
    Version,
    /// The kind in the header is unknown or not the expected one.
    Kind,
    /// Padding bytes are not zero.
    Padding,
    /// Fields contradict each other or the state of the store, as the message describes.
    Meaning(&'static str),
    /// Too few copies of the superblock agree.
    QuorumLost,
    /// There is no superblock: the device is not formatted.
    NotFormatted,
    /// Two superblocks have the same sequence and differ.
    Fork,
    /// A superblock does not name the previous one as its parent.
    ParentNotConnected,
    /// The layout in the superblock is not the layout with which the device was opened.
    Layout,
}

impl Corruption {
    /// Returns the corruption of this block for this reason.
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
            Place::Tree(id) => write!(formatter, "tree {id}: {}", self.reason),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Size => "its size is invalid",
            Self::Checksum => "its checksum does not match its bytes",
            Self::OtherBlock => "it is not the block that the reference names",
            Self::Address => "its header has another address",
            Self::Version => "its version is unknown",
            Self::Kind => "its kind is not the expected one",
            Self::Padding => "its padding is not zero",
            Self::Meaning(what) => return write!(formatter, "its contents are invalid: {what}"),
            Self::QuorumLost => "too few of its copies agree",
            Self::NotFormatted => "it does not exist: the device is not formatted",
            Self::Fork => "two copies of the same sequence differ",
            Self::ParentNotConnected => "it does not follow the previous one",
            Self::Layout => "it has another layout",
        })
    }
}

//! The addresses of a store and the blocks written there.

use super::{Reference, Use};

/// A block that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its address and checksum.
    pub name: Reference,
    /// The stamp from which its body is made. Each write has a different stamp.
    pub stamp: u64,
    /// Bytes of its body.
    pub size: usize,
    /// Whether it certainly is on the device: false if its write failed, or it may have been
    /// overwritten.
    pub sure: bool,
}

/// An address of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// The use of the address.
    pub used: Use,
    /// The block that was written there since the address was acquired.
    pub block: Option<Block>,
}

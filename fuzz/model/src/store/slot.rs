//! The addresses of a store and the blocks written there.

use super::{Reference, Use};

/// A block that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name.
    pub name: Reference,
    /// What its body is made of: no two writes have the same.
    pub stamp: u64,
    /// The bytes of its body.
    pub size: usize,
    /// Whether it surely is on the device: not if its write failed, or may have been written over.
    pub sure: bool,
}

/// An address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// What it is in use for.
    pub used: Use,
    /// What was written there since it was acquired.
    pub block: Option<Block>,
}

//! The record of the examples that load a store: 128 bytes with a key of 8 bytes.

use downbeat_lsm::record::{Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Row {
    pub(crate) key: u64,
    /// The number of the put, or `u64::MAX` for a tombstone.
    pub(crate) put: u64,
    rest: [u64; 14],
}

impl Row {
    /// The record of a put of this key. All words but the key have the number of the put.
    pub(crate) fn new(key: u64, put: u64) -> Self {
        Row { key, put, rest: [put; 14] }
    }
}

impl Record for Row {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.key
    }
    fn is_tombstone(&self) -> bool {
        self.put == u64::MAX
    }
    fn tombstone(key: u64) -> Self {
        Row::new(key, u64::MAX)
    }
}

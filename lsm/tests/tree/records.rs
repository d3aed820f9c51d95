//! Records of both usages with a key, a stamp and a tombstone flag.

use downbeat_lsm::record::{Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const TOMBSTONE: u64 = 1 << 63;

#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Entry {
    pub(crate) key: u64,
    pub(crate) stamp: u64,
}

impl Record for Entry {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.key
    }

    fn is_tombstone(&self) -> bool {
        self.stamp & TOMBSTONE != 0
    }

    fn tombstone(key: u64) -> Self {
        Self { key, stamp: TOMBSTONE }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct IndexEntry {
    pub(crate) key: u64,
    pub(crate) flags: u64,
}

impl Record for IndexEntry {
    type Key = u64;
    const USAGE: Usage = Usage::SecondaryIndex;

    fn key(&self) -> u64 {
        self.key
    }

    fn is_tombstone(&self) -> bool {
        self.flags & TOMBSTONE != 0
    }

    fn tombstone(key: u64) -> Self {
        Self { key, flags: TOMBSTONE }
    }
}

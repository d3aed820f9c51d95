//! Records of both usages, for the tests in this folder and in the core's own modules.

use std::fmt::Debug;

use downbeat_lsm::record::{Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const TOMBSTONE: u64 = 1 << 63;

/// A record of general usage. Its stamp distinguishes it from other records of its key.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Object {
    /// The key.
    key: u64,
    /// The top bit marks a tombstone.
    stamp: u64,
}

impl Record for Object {
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

/// A record of a secondary index. Its key contains all of it, except whether it is a tombstone.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Entry {
    /// The upper half of the key.
    field: u128,
    /// The lower half.
    number: u64,
    /// 1 marks a tombstone.
    removed: u64,
}

impl Record for Entry {
    type Key = Key256;
    const USAGE: Usage = Usage::SecondaryIndex;
    fn key(&self) -> Key256 {
        Key256 { high: self.field, low: u128::from(self.number) }
    }
    fn is_tombstone(&self) -> bool {
        self.removed == 1
    }
    fn tombstone(key: Key256) -> Self {
        Self { field: key.high, number: key.low as u64, removed: 1 }
    }
}

/// Records made from small numbers.
pub(crate) trait Numbered: Record + PartialEq + Debug {
    /// The key of a number. Keys are in the order of numbers.
    fn key_of(number: u64) -> Self::Key;
    /// A put. Records of a secondary index ignore the stamp.
    fn put(number: u64, stamp: u64) -> Self;
}

impl Numbered for Object {
    fn key_of(number: u64) -> u64 {
        number
    }
    fn put(number: u64, stamp: u64) -> Self {
        Self { key: number, stamp }
    }
}

impl Numbered for Entry {
    fn key_of(number: u64) -> Key256 {
        let field = if number == u64::MAX { u128::MAX } else { u128::from(number / 2) };
        Key256 { high: field, low: u128::from(number) }
    }
    fn put(number: u64, _stamp: u64) -> Self {
        let key = Self::key_of(number);
        Self { field: key.high, number: key.low as u64, removed: 0 }
    }
}

/// The tombstone of a number.
pub(crate) fn tombstone<R: Numbered>(number: u64) -> R {
    R::tombstone(R::key_of(number))
}

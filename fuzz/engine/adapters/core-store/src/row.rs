//! The record of the store: strings of bytes for its key and its value.
//!
//! With zeros to 31 bytes and its length in the last one, a key is a number of 256 bits in the same
//! order.

use downbeat_engine::Pair;
use downbeat_lsm::record::{Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The longest key and value in bytes.
pub(crate) const KEY: usize = 31;
pub(crate) const VALUE: usize = 222;

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Row {
    key: Key256,
    /// The length of the value; `u16::MAX` for a tombstone.
    length: u16,
    value: [u8; VALUE],
}

impl Row {
    pub fn new(key: &[u8], value: &[u8]) -> Self {
        let mut row = Row { length: value.len() as u16, ..Self::tombstone(number(key)) };
        row.value[..value.len()].copy_from_slice(value);
        row
    }

    pub(crate) fn pair(&self) -> Pair {
        let mut key = [self.key.high, self.key.low].map(u128::to_be_bytes).concat();
        key.truncate(key[KEY].into());
        (key, self.value[..self.length.into()].to_vec())
    }
}

/// The key of a record.
pub fn number(key: &[u8]) -> Key256 {
    let mut bytes = [0; KEY + 1];
    bytes[..key.len()].copy_from_slice(key);
    bytes[KEY] = key.len() as u8;
    let half = |half: &[u8]| half.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte));
    Key256 { high: half(&bytes[..16]), low: half(&bytes[16..]) }
}

impl Record for Row {
    type Key = Key256;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> Key256 {
        self.key
    }
    fn is_tombstone(&self) -> bool {
        self.length == u16::MAX
    }
    fn tombstone(key: Key256) -> Self {
        Row { key, length: u16::MAX, value: [0; VALUE] }
    }
}

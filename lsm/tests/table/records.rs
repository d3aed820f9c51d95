//! Records of three sizes, with keys of three sizes.

use downbeat_lsm::record::{Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The bit that marks a tombstone.
const TOMBSTONE: u64 = 1 << 63;

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Record16 {
    pub(crate) key: u64,
    pub(crate) value: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Record32 {
    pub(crate) key: u128,
    pub(crate) value: u64,
    pub(crate) zero: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Record128 {
    pub(crate) key: Key256,
    pub(crate) value: u64,
    pub(crate) rest: [u64; 11],
}

macro_rules! record {
    ($record:ty, $key:ty, $($rest:tt)*) => {
        impl Record for $record {
            type Key = $key;
            const USAGE: Usage = Usage::General;

            fn key(&self) -> $key {
                self.key
            }

            fn is_tombstone(&self) -> bool {
                self.value & TOMBSTONE != 0
            }

            fn tombstone(key: $key) -> Self {
                Self { key, value: TOMBSTONE, $($rest)* }
            }
        }
    };
}

record!(Record16, u64,);
record!(Record32, u128, zero: 0);
record!(Record128, Key256, rest: [0; 11]);

/// A record made from a number, which orders it.
pub(crate) trait Numbered: Record {
    fn numbered(number: u64) -> Self;
}

impl Numbered for Record16 {
    fn numbered(number: u64) -> Self {
        Self { key: number, value: number ^ 0x5a }
    }
}

impl Numbered for Record32 {
    fn numbered(number: u64) -> Self {
        Self { key: u128::from(number) << 64 | 7, value: number ^ 0x5a, zero: 0 }
    }
}

impl Numbered for Record128 {
    fn numbered(number: u64) -> Self {
        let key = Key256 { high: u128::from(number) << 40, low: 9 };
        Self { key, value: number ^ 0x5a, rest: [number; 11] }
    }
}

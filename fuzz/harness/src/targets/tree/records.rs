//! Records of the target: three sizes, two usages.
//!
//! - Of a general record all bytes follow from its key and the number of the write; of one of an index, from its key
//!   alone. So a part of another record shows.
//!
//! What this does not do: it knows no model.

use downbeat_lsm::record::{Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::model::tree::Version;
use crate::model::wide;

/// What marks a tombstone in the word of its stamp.
const TOMBSTONE: u64 = 1 << 63;

/// A record that the target knows.
pub(super) trait Known: Record + 'static {
    /// The record of this key that this write put.
    fn of(key: u64, version: Version) -> Self;

    /// The key that the model means.
    fn wide(key: u64) -> Self::Key;
}

/// Word number `number` of those that are made of a stamp.
fn made(word: u64, number: u32) -> u64 {
    word.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(number)
}

fn to_key256(key: u64) -> Key256 {
    let (high, low) = wide::to_halves(key);
    Key256 { high, low }
}

macro_rules! known {
    ($Record:ident, $Key:ty, $usage:ident, $stamp:expr, $wide:expr $(, $words:literal)?) => {
        /// Key, stamp, and what is made of it.
        #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        pub(super) struct $Record($Key, u64 $(, [u64; $words])?);

        impl $Record {
            fn stamped(key: $Key, stamp: u64) -> Self {
                $Record(key, stamp $(, std::array::from_fn::<u64, $words, _>(|n| made(stamp, n as u32)))?)
            }
        }

        impl Record for $Record {
            type Key = $Key;
            const USAGE: Usage = Usage::$usage;

            #[inline]
            fn key(&self) -> $Key {
                self.0
            }

            #[inline]
            fn is_tombstone(&self) -> bool {
                self.1 & TOMBSTONE != 0
            }

            fn tombstone(key: $Key) -> Self {
                Self::stamped(key, TOMBSTONE)
            }
        }

        impl Known for $Record {
            #[inline]
            fn of(key: u64, version: Version) -> Self {
                let stamp: fn(u64, Version) -> u64 = $stamp;
                Self::stamped(Self::wide(key), stamp(key, version) & !TOMBSTONE)
            }

            #[inline]
            fn wide(key: u64) -> $Key {
                ($wide)(key)
            }
        }
    };
}

known!(General16, u64, General, |_, version| version, std::convert::identity);
known!(General32, u128, General, |_, version| version, wide::to_u128, 1);
known!(General128, Key256, General, |_, version| version, to_key256, 11);
known!(Index16, u64, SecondaryIndex, |key, _| made(key, 7), std::convert::identity);
known!(Index32, u128, SecondaryIndex, |key, _| made(key, 7), wide::to_u128, 1);
known!(Index128, Key256, SecondaryIndex, |key, _| made(key, 7), to_key256, 11);

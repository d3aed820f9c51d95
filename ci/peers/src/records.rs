//! The two shapes of records, and their keys.

use downbeat_lsm::record::{Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A record of the benchmark. Its value is random, so that it cannot be compressed.
pub(crate) trait Shaped: Record {
    /// The bytes of a key, in an order that is the order of keys.
    type KeyBytes: AsRef<[u8]>;

    /// The key with this number. No two numbers have the same key.
    fn key_of(number: u64, order: Order) -> Self::Key;

    fn of(key: Self::Key, number: u64) -> Self;

    fn key_bytes(key: Self::Key) -> Self::KeyBytes;

    fn value(&self) -> &[u8];
}

/// The order of keys with ascending numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Random,
    Ascending,
}

/// A permutation of all numbers of 64 bits: the finalizer of SplitMix64.
fn mix(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn place(number: u64, order: Order) -> u64 {
    match order {
        Order::Random => mix(number),
        Order::Ascending => number,
    }
}

/// Random words. The first is never that of a tombstone.
fn words<const COUNT: usize>(number: u64) -> [u64; COUNT] {
    let mut words = [0; COUNT];
    for (word, place) in words.iter_mut().zip(1..) {
        *word = mix(number.wrapping_mul(COUNT as u64).wrapping_add(place)) >> 1;
    }
    words
}

/// 128 bytes, of which the key has 8.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Wide {
    key: u64,
    value: [u64; 15],
}

impl Record for Wide {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.key
    }

    fn is_tombstone(&self) -> bool {
        self.value[0] == u64::MAX
    }

    fn tombstone(key: u64) -> Self {
        Wide { key, value: [u64::MAX; 15] }
    }
}

impl Shaped for Wide {
    type KeyBytes = [u8; 8];

    fn key_of(number: u64, order: Order) -> u64 {
        place(number, order)
    }

    fn of(key: u64, number: u64) -> Self {
        Wide { key, value: words(number) }
    }

    fn key_bytes(key: u64) -> [u8; 8] {
        key.to_be_bytes()
    }

    fn value(&self) -> &[u8] {
        self.value.as_bytes()
    }
}

/// 32 bytes, of which the key has 16.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Narrow {
    key: u128,
    value: [u64; 2],
}

impl Record for Narrow {
    type Key = u128;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u128 {
        self.key
    }

    fn is_tombstone(&self) -> bool {
        self.value[0] == u64::MAX
    }

    fn tombstone(key: u128) -> Self {
        Narrow { key, value: [u64::MAX; 2] }
    }
}

impl Shaped for Narrow {
    type KeyBytes = [u8; 16];

    fn key_of(number: u64, order: Order) -> u128 {
        u128::from(place(number, order)) << 64 | u128::from(number)
    }

    fn of(key: u128, number: u64) -> Self {
        Narrow { key, value: words(number) }
    }

    fn key_bytes(key: u128) -> [u8; 16] {
        key.to_be_bytes()
    }

    fn value(&self) -> &[u8] {
        self.value.as_bytes()
    }
}

//! A hasher of numbers, which are mixed a word at a time.
//!
//! - The hash has no seed: a number has the same hash in every process, so runs can be repeated.
//! - It does not protect against numbers that are chosen to collide.

use std::hash::{BuildHasherDefault, Hasher};
use std::marker::PhantomData;

/// The hash of the addresses of blocks, and of tables. They are close together. So a
/// multiplication spreads their bits, and the high bits are folded into the low ones.
pub(crate) type AddressHash = BuildHasherDefault<WordHasher<Spread>>;

/// The hash of keys: of the records in a memtable, of cached objects, and of prefetches. Keys can
/// differ in any bits, so the whole product is folded.
pub(crate) type KeyHash = BuildHasherDefault<WordHasher<Folded>>;

/// How a word is mixed into a hash.
pub(crate) trait Mix: Default {
    fn mix(hash: u64, word: u64) -> u64;
}

/// See [`AddressHash`].
#[derive(Debug, Default)]
pub(crate) struct Spread;

/// See [`KeyHash`].
#[derive(Debug, Default)]
pub(crate) struct Folded;

impl Mix for Spread {
    #[inline]
    fn mix(hash: u64, word: u64) -> u64 {
        let spread = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        spread ^ (spread >> 32)
    }
}

impl Mix for Folded {
    #[inline]
    fn mix(hash: u64, word: u64) -> u64 {
        let product = u128::from(hash ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        (product >> 64) as u64 ^ product as u64
    }
}

#[derive(Debug, Default)]
pub(crate) struct WordHasher<M> {
    hash: u64,
    mix: PhantomData<M>,
}

impl<M: Mix> Hasher for WordHasher<M> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.hash = M::mix(self.hash, word);
    }

    #[inline]
    fn write_u128(&mut self, number: u128) {
        self.write_u64(number as u64);
        self.write_u64((number >> 64) as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.hash
    }
}

//! The hash of a block's address.
//!
//! - The hash has no seed: an address has the same hash in every process.
//! - It does not protect against addresses that are chosen to collide.

use std::hash::{BuildHasher, Hasher};

/// Builds the hash of an address. Addresses are close together. So a multiplication spreads their
/// bits, and the high bits are folded into the low ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AddressHash;

#[derive(Debug)]
pub(crate) struct AddressHasher(u64);

impl BuildHasher for AddressHash {
    type Hasher = AddressHasher;

    #[inline]
    fn build_hasher(&self) -> AddressHasher {
        AddressHasher(0)
    }
}

impl Hasher for AddressHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        let spread = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

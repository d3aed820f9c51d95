//! The model's hashes as hashers of the core.

use std::hash::{BuildHasher, Hasher};

use downbeat::model::cache_map::KeyHash;

/// Hashes 64-bit keys by the function that the input chose.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChosenHash(pub(super) KeyHash);

impl BuildHasher for ChosenHash {
    type Hasher = ChosenHasher;

    #[inline]
    fn build_hasher(&self) -> ChosenHasher {
        ChosenHasher { hash: self.0, key: 0 }
    }
}

/// Hashes one key.
#[derive(Debug)]
pub(super) struct ChosenHasher {
    hash: KeyHash,
    key: u64,
}

impl Hasher for ChosenHasher {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("keys are hashed as one word");
    }

    #[inline]
    fn write_u64(&mut self, key: u64) {
        self.key = key;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.hash.of(self.key)
    }
}

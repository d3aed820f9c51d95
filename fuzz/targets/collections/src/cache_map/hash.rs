//! Makes the model's hash functions usable by the cache map of the core, as a [`Hasher`].

use std::hash::{BuildHasher, Hasher};

use downbeat_model::cache_map::KeyHash;

/// Hashes 64-bit keys by the function that the header of the input chooses. One type is both the
/// factory of hashers and the hasher of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChosenHash {
    pub(super) hash: KeyHash,
    pub(super) key: u64,
}

impl BuildHasher for ChosenHash {
    type Hasher = Self;

    #[inline]
    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for ChosenHash {
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

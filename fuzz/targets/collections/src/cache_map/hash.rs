//! The model's hashes as hashers of the core.

use std::hash::{BuildHasher, Hasher};

use downbeat_model::cache_map::KeyHash;

/// Hashes keys of 64 bits as an input chose. Also the hasher of one key.
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

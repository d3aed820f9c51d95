//! Hashes that collide on purpose, as the header's `hash` chooses.
//!
//! The cache takes the tag from the low eight bits and the set from the high ones.

use std::hash::{BuildHasher, Hasher};

use crate::model::cache_map::HASH_NAMES;

/// A way to hash keys; the order is that of [`HASH_NAMES`].
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyHash {
    /// All bits differ.
    Mixed,
    /// One tag, many sets.
    Tag,
    /// One set, many tags.
    Set,
    /// One tag, one set.
    Same,
    /// Two tags, in two places.
    Few,
    /// The key.
    Identity,
}

impl KeyHash {
    const ALL: [KeyHash; HASH_NAMES.len()] = [
        KeyHash::Mixed,
        KeyHash::Tag,
        KeyHash::Set,
        KeyHash::Same,
        KeyHash::Few,
        KeyHash::Identity,
    ];

    pub(super) fn of_index(index: usize) -> Self {
        Self::ALL[index]
    }
}

impl BuildHasher for KeyHash {
    type Hasher = KeyHasher;

    #[inline]
    fn build_hasher(&self) -> KeyHasher {
        KeyHasher { kind: *self, key: 0 }
    }
}

/// Hashes one key of 64 bits.
#[derive(Debug)]
pub(super) struct KeyHasher {
    kind: KeyHash,
    key: u64,
}

impl Hasher for KeyHasher {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("keys are hashed as one word");
    }

    #[inline]
    fn write_u64(&mut self, key: u64) {
        self.key = key;
    }

    #[inline]
    fn finish(&self) -> u64 {
        let mixed = (self.key ^ (self.key >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = mixed ^ (mixed >> 29);
        match self.kind {
            KeyHash::Mixed => mixed,
            KeyHash::Tag => mixed & !0xff,
            KeyHash::Set => mixed & 0xff,
            KeyHash::Same => 0,
            KeyHash::Few => mixed & 0x8000_0000_0000_0001,
            KeyHash::Identity => self.key,
        }
    }
}

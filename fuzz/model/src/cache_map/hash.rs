//! Hashes that collide on purpose, as the setting `hash` chooses.
//!
//! A cache takes the tag from the low eight bits of a hash and the set from the high ones.

/// A way to hash keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHash {
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

/// The hashes by name, in the order of [`KeyHash::ALL`]. The choices of the setting `hash`.
pub const HASH_NAMES: [&str; 6] = ["mixed", "tag", "set", "same", "few", "identity"];

impl KeyHash {
    /// Every hash.
    pub const ALL: [KeyHash; HASH_NAMES.len()] = [
        KeyHash::Mixed,
        KeyHash::Tag,
        KeyHash::Set,
        KeyHash::Same,
        KeyHash::Few,
        KeyHash::Identity,
    ];

    /// The hash of a key.
    #[inline]
    #[must_use]
    pub fn of(self, key: u64) -> u64 {
        let mixed = (key ^ (key >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = mixed ^ (mixed >> 29);
        match self {
            KeyHash::Mixed => mixed,
            KeyHash::Tag => mixed & !0xff,
            KeyHash::Set => mixed & 0xff,
            KeyHash::Same => 0,
            KeyHash::Few => mixed & 0x8000_0000_0000_0001,
            KeyHash::Identity => key,
        }
    }
}

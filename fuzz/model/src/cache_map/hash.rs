//! Hashes that collide on purpose, chosen by the setting `hash`.
//!
//! A cache takes the tag from the low eight bits of a hash, and the set from the high bits.

/// A way to hash keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHash {
    /// All bits differ.
    Mixed,
    /// All keys have the same tag, in many sets.
    Tag,
    /// All keys are in the same set, with many tags.
    Set,
    /// All keys have the same tag and the same set.
    Same,
    /// Keys have two tags and two sets.
    Few,
    /// The hash is the key itself.
    Identity,
}

/// The hashes by name, in the order of [`KeyHash::ALL`]: the choices of the setting `hash`.
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

//! Bijections that spread hot and cold keys over the width of a key.

/// The mappings by name: the choices of the setting `keys`. New ones are added at the end.
pub const MAPPING_NAMES: [&str; 7] =
    ["identity", "inverted", "reversed", "rotated", "mixed", "zigzag", "carries"];

/// The keys at which a sum carries into the next piece of a key of any width. The last is the
/// smallest key, which follows the largest.
const CARRIES: [u64; 4] = [1 << 32, 1 << 16, 1 << 48, 0];

/// A bijection from the indexes of hot and cold keys to keys of the whole width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// The index itself: small keys, neighbours next to each other.
    Identity,
    /// The largest keys, in descending order.
    Inverted,
    /// The bits reversed: keys differ in their high bits.
    Reversed,
    /// The halves exchanged: small indexes give keys that differ only above 32 bits.
    Rotated,
    /// Multiplied by an odd factor: keys differ in all bits.
    Mixed,
    /// Even indexes from the smallest key up, odd ones from the largest key down.
    Zigzag,
    /// On both sides of keys at which an increment carries into other bytes.
    Carries,
}

impl Mapping {
    /// Every mapping, in the order of [`MAPPING_NAMES`].
    pub const ALL: [Mapping; 7] = [
        Mapping::Identity,
        Mapping::Inverted,
        Mapping::Reversed,
        Mapping::Rotated,
        Mapping::Mixed,
        Mapping::Zigzag,
        Mapping::Carries,
    ];

    /// 0, -1, 1, -2, 2, and so on.
    #[inline]
    fn zigzag(index: u64) -> u64 {
        if index.is_multiple_of(2) { index / 2 } else { !(index / 2) }
    }

    /// The key of `index`. No two indexes have the same key.
    #[inline]
    #[must_use]
    pub fn key(self, index: u64) -> u64 {
        match self {
            Mapping::Identity => index,
            Mapping::Inverted => !index,
            Mapping::Reversed => index.reverse_bits(),
            Mapping::Rotated => index.rotate_left(32),
            Mapping::Mixed => index.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            Mapping::Zigzag => Self::zigzag(index),
            Mapping::Carries => {
                let count = CARRIES.len() as u64;
                CARRIES[(index % count) as usize].wrapping_add(Self::zigzag(index / count))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_gives_different_indexes_different_keys() {
        for mapping in Mapping::ALL {
            let keys: std::collections::BTreeSet<u64> = (0..2048).map(|i| mapping.key(i)).collect();
            assert_eq!(keys.len(), 2048, "{mapping:?}");
        }
    }
}

//! Bijections that spread hot and cold keys over the width of a key.

/// The mappings by name: the choices of the setting `keys`. New ones are added at the end.
pub const MAPPING_NAMES: [&str; 6] =
    ["identity", "inverted", "reversed", "rotated", "mixed", "zigzag"];

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
}

impl Mapping {
    /// Every mapping, in the order of [`MAPPING_NAMES`].
    pub const ALL: [Mapping; 6] = [
        Mapping::Identity,
        Mapping::Inverted,
        Mapping::Reversed,
        Mapping::Rotated,
        Mapping::Mixed,
        Mapping::Zigzag,
    ];

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
            Mapping::Zigzag => {
                if index.is_multiple_of(2) {
                    index / 2
                } else {
                    !(index / 2)
                }
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

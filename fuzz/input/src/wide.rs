//! Keys of 16 and 32 bytes: keys of 8 bytes spread over the whole width, in the same order.
//!
//! A key is split into pieces of 32 bits, or 16. In each word of eight bytes, the upper half of a
//! piece is repeated, and its lower half comes last:
//!
//! ```text
//! piece of 32 bits   p q  ->  p p p q             of 16 bits each
//! piece of 16 bits   p q  ->  p p p p p p p q     of 8 bits each
//! ```
//!
//! - The smallest and the largest key stay the extremes of the width.
//! - Keys that differ in different pieces differ in different words.
//! - Neighbours stay neighbours, unless the lower half of a piece overflows without the upper half
//!   being all ones. So the keys on both sides of a carry into the next word are neighbours.

/// The key as 16 bytes.
#[inline]
#[must_use]
pub fn to_u128(key: u64) -> u128 {
    let word = |piece: u64| {
        let (upper, lower) = (piece >> 16 & 0xffff, piece & 0xffff);
        u128::from(upper * 0x0001_0001_0001_0000 + lower)
    };
    word(key >> 32) << 64 | word(key)
}

/// The key as 32 bytes: the upper half and the lower half.
#[inline]
#[must_use]
pub fn to_halves(key: u64) -> (u128, u128) {
    let word = |piece: u64| {
        let (upper, lower) = (piece >> 8 & 0xff, piece & 0xff);
        u128::from(upper * 0x0101_0101_0101_0100 + lower)
    };
    (word(key >> 48) << 64 | word(key >> 32), word(key >> 16) << 64 | word(key))
}

/// Appends the key's bytes on disk, the lowest first, as a key of 8, 16 or 32 bytes.
pub fn append_bytes(key: u64, key_size: usize, bytes: &mut Vec<u8>) {
    match key_size {
        8 => bytes.extend_from_slice(&key.to_le_bytes()),
        16 => bytes.extend_from_slice(&to_u128(key).to_le_bytes()),
        _ => {
            let (high, low) = to_halves(key);
            bytes.extend_from_slice(&low.to_le_bytes());
            bytes.extend_from_slice(&high.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_keys_keep_order_and_extremes() {
        let keys = [0, 1, 0xffff, 0x1_0000, 0xffff_ffff, 1 << 32, 1 << 48, u64::MAX - 1, u64::MAX];
        assert!(keys.is_sorted_by(|one, next| to_u128(*one) < to_u128(*next)));
        assert!(keys.is_sorted_by(|one, next| to_halves(*one) < to_halves(*next)));
        assert_eq!((to_u128(0), to_u128(u64::MAX)), (0, u128::MAX));
        assert_eq!((to_halves(0), to_halves(u64::MAX)), ((0, 0), (u128::MAX, u128::MAX)));
        let mut bytes = Vec::new();
        append_bytes(1 << 48, 32, &mut bytes);
        assert_eq!(bytes.iter().position(|byte| *byte != 0), Some(24));
    }

    #[test]
    fn neighbours_stay_neighbours_also_across_a_carry() {
        let next = |(high, low): (u128, u128)| match low.checked_add(1) {
            Some(low) => (high, low),
            None => (high + 1, 0),
        };
        for key in [0, 7, 0xff00, 0x1_0000, 0xffff_0000, 0xffff_ffff, 1 << 32, u64::MAX - 1] {
            assert_eq!(to_u128(key) + 1, to_u128(key + 1), "{key:#x}");
        }
        for key in [0, 7, 0xff01, 0xffff, 0x1_0000, 0xffff_ffff, (1 << 48) - 1, u64::MAX - 1] {
            assert_eq!(next(to_halves(key)), to_halves(key + 1), "{key:#x}");
        }
    }
}

//! Keys of 16 and 32 bytes: keys of 8 bytes spread over the whole width, in the same order.
//!
//! Each piece of a key (32 bits, or 16) is repeated until it fills eight bytes. So the smallest and
//! the largest key stay the extremes of the width, and keys that differ in different pieces differ
//! in different words.

/// The key as 16 bytes.
#[inline]
#[must_use]
pub fn to_u128(key: u64) -> u128 {
    let word = |piece: u64| u128::from((piece & 0xffff_ffff) * 0x0000_0001_0000_0001);
    word(key >> 32) << 64 | word(key)
}

/// The key as 32 bytes: the upper half and the lower half.
#[inline]
#[must_use]
pub fn to_halves(key: u64) -> (u128, u128) {
    let word = |piece: u64| u128::from((piece & 0xffff) * 0x0001_0001_0001_0001);
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
}

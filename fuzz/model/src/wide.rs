//! Keys of 16 and 32 bytes: those of 8, spread over all of the width in the same order.
//!
//! Each piece of a key (of 32 bits, or of 16) is repeated until it fills eight bytes. So the smallest and
//! the largest are those of the width, and keys that differ in any piece differ in another word.

/// The key of 16 bytes.
#[inline]
#[must_use]
pub fn to_u128(key: u64) -> u128 {
    let word = |piece: u64| u128::from((piece & 0xffff_ffff) * 0x0000_0001_0000_0001);
    word(key >> 32) << 64 | word(key)
}

/// The key of 32 bytes, as its upper and its lower half.
#[inline]
#[must_use]
pub fn to_halves(key: u64) -> (u128, u128) {
    let word = |piece: u64| u128::from((piece & 0xffff) * 0x0001_0001_0001_0001);
    (word(key >> 48) << 64 | word(key >> 32), word(key >> 16) << 64 | word(key))
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
    }
}

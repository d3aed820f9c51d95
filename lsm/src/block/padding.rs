//! Padding: bytes that must be zero.

/// Returns whether all bytes are zero. Reads words, because padding takes up to a sector, and the
/// unused part of an index block takes more.
#[must_use]
#[inline]
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<{ size_of::<u128>() }>();
    words.iter().fold(0, |sum, word| sum | u128::from_ne_bytes(*word)) == 0
        && rest.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_counts() {
        for size in 0..70 {
            let mut bytes = vec![0; size];
            assert!(is_zero(&bytes), "{size}");
            for at in 0..size {
                bytes[at] = 1 << (at % 8);
                assert!(!is_zero(&bytes), "{at} of {size}");
                bytes[at] = 0;
            }
        }
    }
}

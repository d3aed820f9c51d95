//! The hash that tells damaged bytes from whole ones.
//!
//! XXH3 with 128 bits and without seed, after the specification of xxHash 0.8. It finds any damage that
//! is not made on purpose, and costs little on blocks of a few hundred bytes as on those of a mebibyte.
//! It decides bytes on disk: the crate's version is pinned, and a golden value stands in the tests.
//!
//! What this does not do: it keeps nobody out. Who can write to the device can make a checksum, too.

use twox_hash::XxHash3_128;

/// The checksum of these bytes.
#[must_use]
#[inline]
pub fn checksum(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_specification() {
        // XXH3_128bits of the empty input, as its specification's test vectors have it.
        assert_eq!(checksum(b""), 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
    }
}

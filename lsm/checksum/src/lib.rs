//! The checksum of blocks and superblock copies: XXH3 with 128 bits and without a seed, as
//! specified by xxHash 0.8.
//!
//! It detects accidental damage and is fast on blocks from a few hundred bytes to a mebibyte.
//! Checksums are stored on the device, so the function must never change: the version of the hash
//! crate is pinned, and a test compares a checksum with a value from the specification.
//!
//! The checksum does not protect against deliberate changes: it has no key.
//!
//! This is a package of its own because the hash crate is generic. Inside the core it would be
//! compiled in pieces and instrumented with the core. An instrumented checksum takes several times
//! as long, and its edges say nothing about the core.

#![forbid(unsafe_code)]

use twox_hash::XxHash3_128;

/// Returns the checksum of these bytes.
#[must_use]
#[inline(never)]
pub fn checksum(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_specification() {
        // XXH3_128bits of the empty input, from the test vectors of the specification.
        assert_eq!(checksum(b""), 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
    }
}

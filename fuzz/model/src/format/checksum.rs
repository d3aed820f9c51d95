//! The checksum of the format: XXH3 with 128 bits.

use twox_hash::XxHash3_128;

/// The checksum of these bytes.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_examples_of_the_format_have_their_checksums() {
        assert_eq!(checksum(b""), 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
        let letters = b"abcdefghijklmnopqrstuvwxyz";
        assert_eq!(checksum(letters), 0xdb7c_a44e_8484_3d67_ebe1_6222_0154_e1e6);
    }
}

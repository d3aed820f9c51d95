//! The bytes of a value.
//!
//! Each write of a history has a stamp, a number that no other write has. The value is made from
//! the stamp, so a stale, crossed or resurrected value is visible. The model keeps the stamp and
//! the length alone.

use std::fmt::{Display, Formatter};
use std::ops::RangeInclusive;

/// The value of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The number of the write, from 1.
    pub stamp: u64,
    /// The length in bytes.
    pub length: usize,
}

impl Value {
    /// The value of this stamp whose length is the nearest one to `length` that the engine allows.
    #[must_use]
    pub fn new(stamp: u64, length: usize, lengths: &RangeInclusive<usize>) -> Self {
        Value { stamp, length: length.clamp(*lengths.start(), *lengths.end()) }
    }

    /// The bytes. Half of them repeat, so compression has an effect.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.length.next_multiple_of(16));
        for block in 0..self.length.div_ceil(16) as u64 {
            let other = (self.stamp ^ block << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            bytes.extend_from_slice(&self.stamp.to_le_bytes());
            bytes.extend_from_slice(&other.to_le_bytes());
        }
        bytes.truncate(self.length);
        bytes
    }

    /// Whether `bytes` are those of the value.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() == self.length && bytes == self.bytes()
    }
}

impl Display for Value {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "#{} ({} bytes)", self.stamp, self.length)
    }
}

/// Bytes that an engine returned, for a reader: the value that they are, or what they begin with.
#[must_use]
pub fn show(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    let mut stamp = [0; 8];
    let known = bytes.len().min(stamp.len());
    stamp[..known].copy_from_slice(&bytes[..known]);
    let value = Value { stamp: u64::from_le_bytes(stamp), length: bytes.len() };
    if value.stamp < 1 << 40 && value.is(bytes) {
        return value.to_string();
    }
    let start = bytes[..bytes.len().min(SHOWN)].escape_ascii();
    format!("other bytes ({} bytes, from \"{start}\")", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_its_length_and_is_known_by_its_bytes() {
        for length in [0, 1, 7, 8, 9, 4097] {
            let value = Value { stamp: 3, length };
            let bytes = value.bytes();
            assert!(bytes.len() == length && value.is(&bytes));
            if length > 0 {
                assert!(!Value { stamp: 4, length }.is(&bytes));
                assert_eq!(show(&bytes), value.to_string());
            }
        }
        assert_eq!(show(&[0xff; 9])[..11], *"other bytes");
    }
}

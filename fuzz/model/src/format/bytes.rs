//! Reads and writes numbers and keys in the bytes of a device. Numbers are unsigned and
//! little-endian.

/// A key of any width, as its upper and its lower 128 bits.
pub type Key = (u128, u128);

/// Reads the number at `offset`, which takes `size` bytes.
#[must_use]
#[inline]
pub fn number(bytes: &[u8], offset: usize, size: usize) -> u64 {
    let mut number = [0; 8];
    number[..size].copy_from_slice(&bytes[offset..offset + size]);
    u64::from_le_bytes(number)
}

/// Writes the lowest `size` bytes of a number at `offset`.
pub fn set(bytes: &mut [u8], offset: usize, size: usize, number: u64) {
    bytes[offset..offset + size].copy_from_slice(&number.to_le_bytes()[..size]);
}

/// Reads the 128-bit number at `offset`.
#[must_use]
#[inline]
pub fn wide(bytes: &[u8], offset: usize) -> u128 {
    let mut number = [0; 16];
    number.copy_from_slice(&bytes[offset..offset + 16]);
    u128::from_le_bytes(number)
}

/// Reads the key at `offset`, which takes `size` bytes.
#[must_use]
#[inline]
pub fn key(bytes: &[u8], offset: usize, size: usize) -> Key {
    match size {
        8 => (0, u128::from(number(bytes, offset, 8))),
        16 => (0, wide(bytes, offset)),
        _ => (wide(bytes, offset + 16), wide(bytes, offset)),
    }
}

/// Writes a key at `offset`, as `size` bytes.
pub fn set_key(bytes: &mut [u8], offset: usize, size: usize, (high, low): Key) {
    let key = [low.to_le_bytes(), high.to_le_bytes()].concat();
    bytes[offset..offset + size].copy_from_slice(&key[..size]);
}

/// Reads the key of the record at `offset`. In a record, the upper half of a key of 32 bytes comes
/// first, as in memory.
#[must_use]
#[inline]
pub fn record_key(bytes: &[u8], offset: usize, size: usize) -> Key {
    let (high, low) = key(bytes, offset, size);
    if size == 32 { (low, high) } else { (high, low) }
}

/// Writes the key of the record at `offset`.
pub fn set_record_key(bytes: &mut [u8], offset: usize, size: usize, (high, low): Key) {
    set_key(bytes, offset, size, if size == 32 { (low, high) } else { (high, low) });
}

/// Whether all of these bytes are zero.
#[must_use]
pub fn are_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

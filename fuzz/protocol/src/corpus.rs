//! What a committed corpus may be.

use twox_hash::XxHash3_128;

/// The most files of a target.
pub const FILES_MAX: usize = 500;

/// The most bytes of a target's files together.
pub const BYTES_MAX: u64 = 512 * 1024;

/// The name of an input in a corpus: the hash of its content (XXH3, 128 bits, in hexadecimal).
#[must_use]
pub fn name(bytes: &[u8]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(bytes))
}

//! The bounds of a committed corpus, and the names of its inputs.

use twox_hash::XxHash3_128;

/// The maximum number of files of a target.
pub const FILES_MAX: usize = 500;

/// The maximum total size of a target's files in bytes.
pub const BYTES_MAX: u64 = 512 * 1024;

/// Returns the name of an input in a corpus: the hash of its content (XXH3, 128 bits, in
/// hexadecimal).
#[must_use]
pub fn name(bytes: &[u8]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(bytes))
}

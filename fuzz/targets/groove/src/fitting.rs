//! Blocks that are large enough. The settings of an input may choose blocks that are too small for
//! the trees of its target.

use downbeat_lsm::forest::InvalidStore;
use downbeat_lsm::storage::Layout;

/// Doubles one of two options that are too small. If `error` is about the manifest log, it is the
/// number of extra blocks that the log compacts. For any other error, it is the size of a block in
/// bytes. The caller repeats this until its options are valid.
///
/// # Panics
///
/// If larger blocks cannot help.
pub(crate) fn enlarge(error: &InvalidStore, block_size: &mut usize, extra_blocks: &mut u32) {
    let has_more = *block_size < Layout::BLOCK_SIZE_MAX && *extra_blocks < 1 << 20;
    assert!(has_more, "the target's settings are invalid: {error}");
    if matches!(error, InvalidStore::ManifestLog(_)) {
        *extra_blocks *= 2;
    } else {
        *block_size *= 2;
    }
}

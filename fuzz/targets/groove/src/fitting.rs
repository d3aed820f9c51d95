//! Options that fit: a target's settings choose small blocks, which may be too small for its trees.

use downbeat_lsm::forest::InvalidStore;
use downbeat_lsm::storage::Layout;

/// Doubles the size of a block, which had no room for a table, or the number of extra blocks of the
/// log that are compacted, which had no room for its entries. `error` says which one. The caller
/// does this until its options are valid.
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

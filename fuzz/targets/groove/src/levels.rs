//! The levels of a tree, for states.

use downbeat_lsm::manifest::Manifest;
use downbeat_lsm::record::Key;

/// The deepest level with a table.
pub(crate) fn deepest<K: Key>(manifest: &Manifest<K>) -> Option<usize> {
    manifest.levels().iter().rposition(|level| level.table_count() > 0)
}

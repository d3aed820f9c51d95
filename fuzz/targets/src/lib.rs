//! The registry of the compiled targets: all of them, or those whose features are enabled.
//!
//! A target's crate holds its world. `downbeat_protocol::registry` describes each target for
//! programs that link none.

use downbeat::AnyTarget;

macro_rules! targets {
    ($($name:literal $target:path,)*) => {
        /// The targets, in the order of the registry. Each is a reference to a static of the
        /// target's crate, because a copy would be compiled again here.
        pub static TARGETS: &[&&dyn AnyTarget] = &[$(
            #[cfg(feature = $name)]
            &$target,
        )*];
    };
}

targets! {
    "cache_map" downbeat_collections_targets::CACHE_MAP,
    "segmented_array" downbeat_collections_targets::SEGMENTED_ARRAY,
    "manifest_level" downbeat_manifest_targets::MANIFEST_LEVEL,
    "free_set" downbeat_storage_targets::FREE_SET,
    "superblock" downbeat_storage_targets::SUPERBLOCK,
    "grid" downbeat_storage_targets::GRID,
    "merge" downbeat_table_targets::MERGE,
    "table_memory" downbeat_table_targets::TABLE_MEMORY,
    "table" downbeat_table_targets::TABLE,
    "manifest_log" downbeat_manifest_targets::MANIFEST_LOG,
    "tree" downbeat_tree_targets::TREE,
    "tree_twin" downbeat_tree_targets::TREE_TWIN,
}

/// Finds a target by its name.
#[must_use]
pub fn find_target(name: &str) -> Option<&'static dyn AnyTarget> {
    TARGETS.iter().map(|target| **target).find(|target| target.name() == name)
}

/// Replays an input given as text. The tests in findings call it.
///
/// # Panics
///
/// Panics with the failure if the input fails; also if the target is unknown or the text is
/// malformed.
pub fn replay_text(target: &str, text: &str) {
    let target = find_target(target).unwrap_or_else(|| panic!("no target \"{target}\""));
    downbeat::runner::replay_text(target, text);
}

//! The registry of the targets. A target is compiled only if its feature is enabled. By default,
//! all of these features are enabled.
//!
//! The code of the targets is in other crates. `downbeat_protocol::registry` describes the targets
//! for programs that link none of them.

use downbeat::AnyTarget;

macro_rules! targets {
    ($($name:literal $target:path,)*) => {
        /// The targets, in the order of the registry. Each item refers to a static in the target's
        /// crate, because a copy would compile the target a second time, in this crate.
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
    "tree_large" downbeat_tree_targets::TREE_LARGE,
    "image" downbeat_store_targets::IMAGE,
    "options" downbeat_store_targets::OPTIONS,
    "groove" downbeat_groove_targets::GROOVE,
    "forest" downbeat_groove_targets::FOREST,
    "scan" downbeat_groove_targets::SCAN,
    "state_machine" downbeat_groove_targets::STATE_MACHINE,
    "durable_store" downbeat_groove_targets::DURABLE_STORE,
}

/// Finds a target by its name.
#[must_use]
pub fn find_target(name: &str) -> Option<&'static dyn AnyTarget> {
    TARGETS.iter().map(|target| **target).find(|target| target.name() == name)
}

/// Replays an input that is given as text. The regression tests in findings call this function.
///
/// # Panics
///
/// If the input fails, with the failure as the message; if the target is unknown; or if the text is
/// malformed.
pub fn replay_text(target: &str, text: &str) {
    let target = find_target(target).unwrap_or_else(|| panic!("no target \"{target}\""));
    downbeat::any_target::replay_text(target, text);
}

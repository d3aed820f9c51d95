//! The registry: every target, one row each.
//!
//! From its row a target gets its drivers, its place in every command, and its tests. A new target
//! is its operations and model (`fuzz/model`), its world (a file here), a `mod` line for each, one
//! row of `targets!`, and one `[[bin]]` of `fuzz/Cargo.toml`.

mod any;
pub mod cache_map;
pub mod free_set;
pub mod grid;
pub mod manifest_level;
pub mod manifest_log;
pub mod merge;
mod records;
pub mod segmented_array;
pub mod superblock;
pub mod table;
pub mod table_memory;
pub mod tree;
pub mod tree_twin;

pub use any::{AnyTarget, Entry};

macro_rules! targets {
    ($($name:literal $target:ty,)*) => {
        /// Every target, in the order in which they are listed and run; or the only one that is compiled, if the
        /// environment variable `DOWNBEAT_ONLY` named it then.
        pub static TARGETS: &[&dyn AnyTarget] = &[$(
            #[cfg(any(not(only_one_target), target_named = $name))]
            &Entry::<$target>::ROW,
        )*];

        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),*];
    };
}

targets! {
    "cache_map" cache_map::CacheMap,
    "segmented_array" segmented_array::SegmentedArray,
    "manifest_level" manifest_level::ManifestLevel,
    "free_set" free_set::FreeSet,
    "superblock" superblock::Superblock,
    "grid" grid::Grid,
    "merge" merge::Merge,
    "table_memory" table_memory::TableMemory,
    "table" table::Table,
    "manifest_log" manifest_log::ManifestLog,
    "tree" tree::Tree,
    "tree_twin" tree_twin::TreeTwin,
}

/// The target of this name.
#[must_use]
pub fn find_target(name: &str) -> Option<&'static dyn AnyTarget> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_name_of_its_target() {
        assert!(TARGETS.iter().map(|target| target.name()).eq(NAMES.iter().copied()));
    }
}

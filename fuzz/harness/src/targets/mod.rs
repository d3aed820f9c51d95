//! The registry: every target, one row each.
//!
//! From its row a target gets its drivers, its place in every command, and its tests. A new target
//! is its operations and model (`fuzz/model`), its world (a file here), a `mod` line for each, one
//! row of [`TARGETS`], and one `[[bin]]` of `fuzz/Cargo.toml`.

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

/// Every target, in the order in which they are listed and run.
#[rustfmt::skip] // One row a line.
pub static TARGETS: &[&dyn AnyTarget] = &[
    &Entry::<cache_map::CacheMap>::ROW,
    &Entry::<segmented_array::SegmentedArray>::ROW,
    &Entry::<manifest_level::ManifestLevel>::ROW,
    &Entry::<free_set::FreeSet>::ROW,
    &Entry::<superblock::Superblock>::ROW,
    &Entry::<grid::Grid>::ROW,
    &Entry::<merge::Merge>::ROW,
    &Entry::<table_memory::TableMemory>::ROW,
    &Entry::<table::Table>::ROW,
    &Entry::<manifest_log::ManifestLog>::ROW,
    &Entry::<tree::Tree>::ROW,
    &Entry::<tree_twin::TreeTwin>::ROW,
];

/// The target of this name.
#[must_use]
pub fn find_target(name: &str) -> Option<&'static dyn AnyTarget> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}

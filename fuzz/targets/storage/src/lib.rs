//! The storage under a tree: the superblock, the free set, the grid.
//!
//! Each target is a module behind a feature of the same name, so a build compiles only the targets
//! that it needs.

pub mod book;
#[cfg(feature = "free_set")]
pub mod free_set;
#[cfg(feature = "grid")]
pub mod grid;
pub mod store;
#[cfg(feature = "superblock")]
pub mod superblock;

downbeat::targets! {
    "superblock" SUPERBLOCK superblock::Superblock;
    "free_set" FREE_SET free_set::FreeSet;
    "grid" GRID grid::Grid;
}

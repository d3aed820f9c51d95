//! What lies under a tree: the superblock, the free set, the grid.
//!
//! A target is a module and a feature of its name: a build compiles the targets that it needs.

#[cfg(feature = "free_set")]
pub mod free_set;
#[cfg(feature = "grid")]
pub mod grid;
pub mod store;
#[cfg(feature = "superblock")]
pub mod superblock;

/// The target `superblock`.
#[cfg(feature = "superblock")]
pub static SUPERBLOCK: &dyn downbeat::AnyTarget = &downbeat::Entry::<superblock::Superblock>::ROW;

/// The target `free_set`.
#[cfg(feature = "free_set")]
pub static FREE_SET: &dyn downbeat::AnyTarget = &downbeat::Entry::<free_set::FreeSet>::ROW;

/// The target `grid`.
#[cfg(feature = "grid")]
pub static GRID: &dyn downbeat::AnyTarget = &downbeat::Entry::<grid::Grid>::ROW;

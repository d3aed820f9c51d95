//! The storage under a tree: the superblock, the free set, the grid.
//!
//! The targets are behind the feature `targets`. Other packages need only [`book`] and [`store`].

pub mod book;
#[cfg(feature = "targets")]
pub mod free_set;
#[cfg(feature = "targets")]
pub mod grid;
pub mod store;
#[cfg(feature = "targets")]
pub mod superblock;

downbeat::targets! {
    #[cfg(feature = "targets")]
    "superblock" SUPERBLOCK superblock::Superblock;
    #[cfg(feature = "targets")]
    "free_set" FREE_SET free_set::FreeSet;
    #[cfg(feature = "targets")]
    "grid" GRID grid::Grid;
}

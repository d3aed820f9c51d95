//! Several trees in one store: one grid, one manifest log, one scheduler of beats, and one
//! checkpoint.
//!
//! ```text
//! [ tree 1 ] [ tree 2 ] ..     each with its memtables and levels
//! [ scheduler ]                one beat at a time, for all trees
//! [ manifest log ] [ pool ]    the tables of all trees
//! [ grid ] [ superblock ]      one device
//! ```
//!
//! - A beat works on all trees. A checkpoint makes all trees durable up to the same beat, so the
//!   trees are consistent with each other after a crash.
//! - The trees are declared by a type, a [`TreeSet`]. [`Store`](crate::store::Store) is a forest of
//!   one tree. A forest of [grooves](crate::groove) has a tree for each type of object, and trees
//!   for the indexes of the objects.
//! - The superblock identifies the trees: a forest of other trees, or of the same trees with other
//!   numbers or sizes, does not open.
//!
//! Files: `options` has the options, `memory` adds up the memory that they take, `invalid` and
//! `error` have the errors. `tree_set` and `shape` declare trees. `open` formats and opens,
//! `identity` distinguishes forests, `beats` runs beats, `reader` is the device for reads
//! between beats, `verification` reads all blocks, and `giving_up` removes tables that cannot be
//! read.

mod beats;
mod error;
mod giving_up;
mod identity;
mod invalid;
mod memory;
mod open;
mod options;
mod reader;
mod shape;
mod tree_set;
mod verification;
mod whole;

pub use crate::beat::{BarBlocks, BeatError, BeatProgress, Fullness, MergeCost, Scheduled, Trees};
pub use crate::grid::Verification;
pub use error::StoreError;
pub use invalid::InvalidStore;
pub use options::ForestOptions;
pub use reader::Reader;
pub use shape::TreeShape;
pub use tree_set::{ForestSizes, TreeSet};
pub(crate) use whole::Whole;

use crate::beat::Scheduler;
use crate::collections::NodePool;
use crate::grid::Grid;
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;
use crate::superblock::Superblock;

/// Trees `T` in one store on a device `S`; see the [module](self).
#[derive(Debug)]
pub struct Forest<T, S: Storage> {
    options: ForestOptions,
    shapes: Vec<TreeShape>,
    /// The checksum of the options that affect the bytes on the device.
    sum: u64,
    pub(crate) grid: Grid<S>,
    superblock: Superblock,
    pool: NodePool,
    log: ManifestLog,
    pub(crate) trees: T,
    scheduler: Scheduler,
    /// Whether the last attempt to open or format the forest succeeded.
    is_open: bool,
}

impl<T, S: Storage> Forest<T, S> {
    /// The options of the forest, without those of the trees.
    #[must_use]
    pub fn options(&self) -> &ForestOptions {
        &self.options
    }

    /// The trees.
    #[must_use]
    pub fn trees(&self) -> &T {
        &self.trees
    }

    /// The trees, and the grid that they read.
    #[must_use]
    pub fn trees_and_grid(&mut self) -> (&mut T, &mut Grid<S>) {
        (&mut self.trees, &mut self.grid)
    }

    /// The grid: the device's blocks, the cache, and the free set.
    #[must_use]
    pub fn grid(&self) -> &Grid<S> {
        &self.grid
    }

    /// The log of the tables of all trees.
    #[must_use]
    pub fn manifest_log(&self) -> &ManifestLog {
        &self.log
    }

    /// The superblock: the last checkpoint, at which the forest opens.
    #[must_use]
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// The number with which the forest was formatted; 0 if the forest was not opened yet.
    #[must_use]
    pub fn number(&self) -> u64 {
        identity::number(self.superblock.identity())
    }

    /// Drops the forest, and returns its device. Operations may still be in the device's queue.
    /// Writes that are in no checkpoint are lost.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.grid.into_storage()
    }
}

#[cfg(test)]
mod tests;

//! The trees of a forest, as a type: their records and options, and how they are made.

use std::fmt::Debug;

use super::shape::table_count_max;
use super::{ForestOptions, InvalidStore, TreeShape};
use crate::beat::{Scheduled, Trees};
use crate::collections::NodePool;
use crate::grid::Grid;
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::{Tree, TreeOptions};

/// A fixed set of trees. [`Tree`] is a set of one tree, and a [groove](crate::groove) is the set of
/// its trees. A tuple of up to eight sets is the set of all their trees, in order. A type that
/// implements this trait and [`Trees`] can be the content of a [`Forest`](super::Forest).
pub trait TreeSet: Debug + Sized {
    /// The options of the trees.
    type Options: Clone + Debug;

    /// The shapes of the trees, in their order. A forest of these trees must always be opened with
    /// the same shapes.
    fn shapes(options: &Self::Options) -> Vec<TreeShape>;

    /// Makes the trees, in the same order. The trees are closed.
    ///
    /// # Errors
    ///
    /// If the options are invalid.
    fn new(options: &Self::Options, sizes: &ForestSizes) -> Result<Self, InvalidStore>;
}

/// The options of a forest that limit its trees.
#[derive(Clone, Copy, Debug)]
pub struct ForestSizes {
    pub(super) block_size: usize,
    pub(super) block_count: u64,
    pub(super) node_size: usize,
    scans_max: u32,
}

impl ForestSizes {
    pub(super) fn of(options: &ForestOptions) -> Self {
        Self {
            block_size: options.layout.block_size,
            block_count: options.layout.block_count,
            node_size: options.manifest_node_size,
            scans_max: options.scans_max,
        }
    }

    /// The maximum number of open scans of trees.
    #[must_use]
    pub fn scans_max(&self) -> u32 {
        self.scans_max
    }

    /// Makes a tree of the forest.
    ///
    /// # Errors
    ///
    /// If the options are invalid.
    pub fn tree<R: Record>(&self, options: &TreeOptions) -> Result<Tree<R>, InvalidStore> {
        let tables = table_count_max(options, self);
        Tree::new(*options, self.block_size, self.node_size, tables).map_err(InvalidStore::Tree)
    }
}

impl<R: Record> TreeSet for Tree<R> {
    type Options = TreeOptions;

    fn shapes(options: &TreeOptions) -> Vec<TreeShape> {
        vec![TreeShape::of::<R>(options)]
    }

    fn new(options: &TreeOptions, sizes: &ForestSizes) -> Result<Self, InvalidStore> {
        sizes.tree(options)
    }
}

/// The trees of several sets, one after the other.
macro_rules! tuple_of_sets {
    ($($set:ident $place:tt),+) => {
        impl<$($set: TreeSet),+> TreeSet for ($($set,)+) {
            type Options = ($($set::Options,)+);

            fn shapes(options: &Self::Options) -> Vec<TreeShape> {
                let mut shapes = Vec::new();
                $(shapes.extend($set::shapes(&options.$place));)+
                shapes
            }

            fn new(
                options: &Self::Options,
                sizes: &ForestSizes,
            ) -> Result<Self, InvalidStore> {
                Ok(($($set::new(&options.$place, sizes)?,)+))
            }
        }

        impl<S: Storage, $($set: Trees<S>),+> Trees<S> for ($($set,)+) {
            fn count(&self) -> usize {
                0 $(+ self.$place.count())+
            }

            fn tree(&mut self, place: usize) -> &mut dyn Scheduled<S> {
                let mut left = place;
                $(
                    if left < self.$place.count() {
                        return self.$place.tree(left);
                    }
                    left -= self.$place.count();
                )+
                panic!("forest: there are {} trees and no tree {place}", place - left)
            }

            fn beat_begins(&mut self, grid: &mut Grid<S>) {
                $(self.$place.beat_begins(grid);)+
            }

            fn beat_ended(&mut self, ends_bar: bool) {
                $(self.$place.beat_ended(ends_bar);)+
            }

            fn reset(&mut self, pool: &mut NodePool, grid: &mut Grid<S>) {
                $(self.$place.reset(pool, grid);)+
            }
        }
    };
}

tuple_of_sets!(A 0);
tuple_of_sets!(A 0, B 1);
tuple_of_sets!(A 0, B 1, C 2);
tuple_of_sets!(A 0, B 1, C 2, D 3);
tuple_of_sets!(A 0, B 1, C 2, D 3, E 4);
tuple_of_sets!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_of_sets!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_of_sets!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

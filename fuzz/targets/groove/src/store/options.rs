//! The options of a store: those of the forest, and those of its trees.

use downbeat_lsm::forest::{Forest, ForestOptions, TreeSet, Trees};

use crate::fitting::enlarge;
use downbeat::disk::SimulatedDisk;

/// The options of a store: those of the forest, and those of its trees.
#[derive(Debug)]
pub(crate) struct Options<T: TreeSet> {
    pub(crate) forest: ForestOptions,
    pub(crate) trees: T::Options,
}

impl<T: TreeSet> Options<T> {
    /// The options with blocks that are large enough for the trees, and with a log that is.
    ///
    /// # Panics
    ///
    /// If other options than these are invalid.
    pub(crate) fn fitting(mut forest: ForestOptions, trees: T::Options) -> Self {
        let shapes = T::shapes(&trees);
        while let Err(error) = forest.validate(&shapes) {
            let ForestOptions { layout, manifest_compact_extra_blocks, .. } = &mut forest;
            enlarge(&error, &mut layout.block_size, manifest_compact_extra_blocks);
        }
        Self { forest, trees }
    }
}

impl<T: TreeSet> Clone for Options<T> {
    fn clone(&self) -> Self {
        Self { forest: self.forest, trees: self.trees.clone() }
    }
}

impl<T: TreeSet<Options: PartialEq>> PartialEq for Options<T> {
    fn eq(&self, other: &Self) -> bool {
        self.forest == other.forest && self.trees == other.trees
    }
}

/// Creates a store with these options on a disk.
pub(crate) fn new_forest<T: TreeSet + Trees<SimulatedDisk>>(
    disk: SimulatedDisk,
    options: &Options<T>,
) -> Forest<T, SimulatedDisk> {
    Forest::new(disk, &options.forest, &options.trees).expect("the target's settings are valid")
}

//! The reasons why the options of a store are invalid.

use std::error::Error;
use std::fmt;

use super::ForestOptions;
use crate::collections::InvalidOptions;
use crate::grid::InvalidGrid;
use crate::manifest_log::InvalidManifestLog;
use crate::storage::InvalidLayout;
use crate::table::memory::InvalidMemoryTable;
use crate::tree::InvalidTree;

/// The reason why the options of a store are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidStore {
    /// The layout is invalid.
    Layout(InvalidLayout),
    /// The options of a tree are invalid.
    Tree(InvalidTree),
    /// The options of the manifest log are invalid.
    ManifestLog(InvalidManifestLog),
    /// The node size of the manifest is invalid.
    Nodes(InvalidOptions),
    /// The options of the grid are invalid.
    Grid(InvalidGrid),
    /// The sizes of the memtables are invalid.
    Memory(InvalidMemoryTable),
    /// A number that must be 1 or more is 0.
    Zero {
        /// The name of the option.
        option: &'static str,
    },
    /// There is no tree, or there are more than [`ForestOptions::TREES_MAX`].
    Trees {
        /// The number of trees.
        count: usize,
    },
    /// Two trees have the same number.
    SameTree {
        /// The number of both trees.
        id: u16,
    },
    /// Two trees have bars of different lengths.
    DifferentBars {
        /// The number of beats in a bar of the first tree.
        beats_per_bar: u32,
        /// The number of beats in a bar of the other tree.
        other: u32,
    },
    /// The options of a cache of objects are invalid.
    Objects(InvalidOptions),
    /// `lookups_max` is above [`ForestOptions::LOOKUPS_MAX`].
    Lookups {
        /// The value of the option.
        lookups_max: u32,
    },
    /// `scans_max` is above [`ForestOptions::SCANS_MAX`].
    Scans {
        /// The value of the option.
        scans_max: u32,
    },
    /// `batch_records_max` of a durable store is not from 1 to what a beat of the tree accepts.
    BatchRecords {
        /// The value of the option.
        batch_records_max: u32,
        /// The maximum, inclusive: `beat_value_count_max` of the tree.
        most: u32,
    },
    /// The options add up to more than [`ForestOptions::MEMORY_SIZE_MAX`] bytes of memory.
    MemorySize {
        /// The bytes that they add up to; `u64::MAX` if there are more.
        memory_size: u64,
    },
    /// The device is smaller than the layout, or has another sector size.
    Device {
        /// The size of the device, in bytes.
        size: u64,
        /// The size of the layout, in bytes.
        needed: u64,
    },
}

impl Error for InvalidStore {}

impl fmt::Display for InvalidStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(error) => error.fmt(formatter),
            Self::Tree(error) => error.fmt(formatter),
            Self::ManifestLog(error) => error.fmt(formatter),
            Self::Nodes(error) => error.fmt(formatter),
            Self::Grid(error) => error.fmt(formatter),
            Self::Memory(error) => error.fmt(formatter),
            Self::Zero { option } => {
                write!(formatter, "{option} is 0: set it to 1 or more")
            }
            Self::Trees { count } => write!(
                formatter,
                "the forest has {count} trees: declare from 1 to {} trees",
                ForestOptions::TREES_MAX,
            ),
            Self::SameTree { id } => {
                write!(formatter, "two trees have the number {id}: give each tree its own number")
            }
            Self::DifferentBars { beats_per_bar, other } => write!(
                formatter,
                "beats_per_bar is {beats_per_bar} in one tree and {other} in another: set it to the same number in all",
            ),
            Self::Objects(error) => error.fmt(formatter),
            Self::Lookups { lookups_max } => write!(
                formatter,
                "lookups_max is {lookups_max}, but the grid has a block buffer for each lookup: set it to a number from 1 to {}",
                ForestOptions::LOOKUPS_MAX,
            ),
            Self::Scans { scans_max } => write!(
                formatter,
                "scans_max is {scans_max}, but the grid has two block buffers for each level of a scan: set it to a number from 1 to {}",
                ForestOptions::SCANS_MAX,
            ),
            Self::BatchRecords { batch_records_max, most } => write!(
                formatter,
                "batch_records_max is {batch_records_max}, but a batch is written in one beat: set it to a number from 1 to {most}",
            ),
            Self::MemorySize { memory_size } => write!(
                formatter,
                "memory_size is {memory_size} bytes: lower block_size, the cache, the numbers of concurrent \
                 reads, lookups and scans, or the sizes of the trees until it is at most {}",
                ForestOptions::MEMORY_SIZE_MAX,
            ),
            Self::Device { size, needed } => write!(
                formatter,
                "the device has {size} bytes and the store needs {needed}, or their sector sizes \
                 differ: change the device or the options"
            ),
        }
    }
}

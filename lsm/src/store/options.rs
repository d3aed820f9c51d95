//! The sizes of a store.
//!
//! - Those of the layout, of the tree but its `read_ahead`, the interval of checkpoints, and
//!   `manifest_compact_extra_blocks` decide bytes on disk: they must be the same whenever the store is opened. The
//!   others may change.
//!
//! What this does not do: it allocates nothing.

use std::error::Error;
use std::fmt;

use crate::collections::{CacheOptions, InvalidOptions, NodePoolOptions, Ways};
use crate::grid::{GridOptions, InvalidGrid};
use crate::manifest::table_count_max_of_tree;
use crate::manifest_log::{InvalidManifestLog, ManifestLogOptions};
use crate::record::Record;
use crate::storage::{InvalidLayout, Layout, LayoutOptions};
use crate::table::memory::InvalidMemoryTable;
use crate::tree::{InvalidTree, TreeOptions};

/// How large a store is, and how it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// What lies where on the device.
    pub layout: LayoutOptions,
    /// The tree.
    pub tree: TreeOptions,
    /// Bars from one checkpoint to the next, 1 or more.
    pub checkpoint_interval: u32,
    /// Blocks of the manifest log that are compacted beyond those that are appended, at each half of a bar: 1 or more.
    pub manifest_compact_extra_blocks: u32,
    /// Bytes of a node of the manifest.
    pub manifest_node_size: usize,
    /// The blocks that are kept in memory.
    pub cache: CacheOptions,
    /// The most reads of the device at once, 1 or more.
    pub reads_in_flight_max: u32,
    /// The most writes of the device at once, 1 or more.
    pub writes_in_flight_max: u32,
    /// The most lookups at once, from 1 to [`StoreOptions::LOOKUPS_MAX`].
    pub lookups_max: u32,
}

/// Sizes that a store cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidStore {
    /// The layout of the device cannot be.
    Layout(InvalidLayout),
    /// The tree cannot be.
    Tree(InvalidTree),
    /// The manifest log cannot be.
    ManifestLog(InvalidManifestLog),
    /// The nodes of the manifest cannot be.
    Nodes(InvalidOptions),
    /// The grid cannot be.
    Grid(InvalidGrid),
    /// The tables in memory cannot be.
    Memory(InvalidMemoryTable),
    /// A number that must be 1 or more is 0.
    Zero {
        /// The name of the option.
        option: &'static str,
    },
    /// More lookups at once than may be.
    Lookups {
        /// The lookups asked for.
        lookups_max: u32,
    },
    /// The device is smaller than the layout, or has other sectors.
    Device {
        /// The bytes of the device.
        size: u64,
        /// The bytes of the layout.
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
            Self::Lookups { lookups_max } => write!(
                formatter,
                "lookups_max is {lookups_max}, but each may hold a block in memory: set it to a number from 1 to {}",
                StoreOptions::LOOKUPS_MAX,
            ),
            Self::Device { size, needed } => write!(
                formatter,
                "the device has {size} bytes, but the store needs {needed}: make it larger, or the store smaller"
            ),
        }
    }
}

impl StoreOptions {
    /// The most lookups at once.
    pub const LOOKUPS_MAX: u32 = 1 << 16;

    /// A store for use: blocks of 64 KiB, `block_count` of them, trees of seven levels, half a gigabyte of cache at
    /// most.
    #[must_use]
    pub fn production(block_count: u64) -> Self {
        Self {
            layout: LayoutOptions {
                sector_size: 4096,
                block_size: 64 * 1024,
                superblock_copies: 4,
                block_count,
            },
            tree: TreeOptions {
                id: 1,
                name: "records",
                beat_value_count_max: 2048,
                beats_per_bar: 32,
                growth_factor: 8,
                level_count: 7,
                read_ahead: 4,
            },
            checkpoint_interval: 16,
            manifest_compact_extra_blocks: 1,
            manifest_node_size: 16 * 1024,
            cache: CacheOptions { ways: Ways::Sixteen, sets: 512 },
            reads_in_flight_max: 32,
            writes_in_flight_max: 32,
            lookups_max: 64,
        }
    }

    /// A store in which everything happens within tens of operations: for tests and fuzzing.
    #[must_use]
    pub fn tiny(block_count: u64) -> Self {
        Self {
            layout: LayoutOptions {
                sector_size: 256,
                block_size: 256,
                superblock_copies: 2,
                block_count,
            },
            tree: TreeOptions {
                id: 1,
                name: "records",
                beat_value_count_max: 2,
                beats_per_bar: 4,
                growth_factor: 2,
                level_count: 4,
                read_ahead: 1,
            },
            checkpoint_interval: 1,
            manifest_compact_extra_blocks: 4,
            manifest_node_size: 1024,
            cache: CacheOptions { ways: Ways::Two, sets: 4 },
            reads_in_flight_max: 2,
            writes_in_flight_max: 2,
            lookups_max: 4,
        }
    }

    /// What lies where.
    pub(super) fn layout(&self) -> Result<Layout, InvalidStore> {
        Layout::new(self.layout).map_err(InvalidStore::Layout)
    }

    /// Whether a store of these records can be built from this, but for what the device says.
    ///
    /// # Errors
    ///
    /// The first size that is outside of its limits.
    pub(super) fn validate<R: Record>(&self) -> Result<(), InvalidStore> {
        self.tree.validate().map_err(InvalidStore::Tree)?;
        self.tree.table::<R>(self.layout.block_size).map_err(InvalidStore::Tree)?;
        for (option, number) in
            [("checkpoint_interval", self.checkpoint_interval), ("lookups_max", self.lookups_max)]
        {
            if number == 0 {
                return Err(InvalidStore::Zero { option });
            }
        }
        if self.lookups_max > Self::LOOKUPS_MAX {
            return Err(InvalidStore::Lookups { lookups_max: self.lookups_max });
        }
        Ok(())
    }

    /// The most tables: each has two blocks or more.
    pub(super) fn table_count_max(&self) -> u32 {
        let TreeOptions { growth_factor, level_count, .. } = self.tree;
        let by_levels = table_count_max_of_tree(growth_factor, level_count);
        // While a compaction is applied, what it read is there beside what it wrote.
        let most = by_levels + 2 * (1 + u64::from(growth_factor)) * u64::from(level_count);
        most.min(self.layout.block_count / 2 + 1).min(u64::from(u32::MAX)) as u32
    }

    /// Nodes for all tables of all levels, as they are in nodes that are half full.
    pub(super) fn nodes<R: Record>(&self) -> NodePoolOptions {
        let table = size_of::<crate::manifest::TableInfo<R::Key>>();
        let per_node = |size: usize| (self.manifest_node_size / size / 2).max(1) as u32;
        let tables = self.table_count_max();
        let nodes =
            tables.div_ceil(per_node(table)) + tables.div_ceil(per_node(size_of::<R::Key>()));
        NodePoolOptions {
            node_size: self.manifest_node_size,
            // Each array has a node that may be nearly empty.
            node_count: nodes + 4 * self.tree.level_count,
        }
    }

    /// The manifest log of such a store.
    #[must_use]
    pub fn manifest_log(&self) -> ManifestLogOptions {
        ManifestLogOptions {
            tree_count: 1,
            tree_id_max: self.tree.id,
            level_count: self.tree.level_count as u8,
            growth_factor: self.tree.growth_factor,
            table_count_max: self.table_count_max(),
            compact_extra_blocks: self.manifest_compact_extra_blocks,
        }
    }

    /// The grid, beside a manifest log that needs so many blocks.
    pub(super) fn grid(&self, log_blocks: u64) -> GridOptions {
        // The two sides of a compaction: two indexes and what is read ahead; and what is half built.
        let compaction = 2 * (2 + self.tree.read_ahead) + 2;
        // A scan holds two blocks a level; an answer that was not taken yet is a lookup's.
        let readers = 2 * self.tree.level_count + self.lookups_max;
        GridOptions {
            cache: self.cache,
            private_blocks: compaction + readers + log_blocks as u32 + 1,
            reads_in_flight_max: self.reads_in_flight_max,
            writes_in_flight_max: self.writes_in_flight_max,
            reservation_count_max: 2,
        }
    }
}

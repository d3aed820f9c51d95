//! The options of a store: its sizes, and how its work is paced.
//!
//! - `layout`, `tree` (except `tree.name` and `tree.read_ahead`), `checkpoint_interval` and
//!   `manifest_compact_extra_blocks` affect the bytes on the device: they must be the same each
//!   time the store is opened. The other options may change between openings.

use std::error::Error;
use std::fmt;

use crate::collections::{CacheOptions, InvalidOptions, NodePoolOptions, Ways};
use crate::grid::{GridOptions, InvalidGrid};
use crate::manifest::{Manifest, table_count_max_of_tree};
use crate::manifest_log::{InvalidManifestLog, ManifestLogOptions};
use crate::record::Record;
use crate::storage::{InvalidLayout, Layout, LayoutOptions};
use crate::table::memory::InvalidMemoryTable;
use crate::tree::{InvalidTree, TreeOptions};

/// The options of a store.
///
/// `layout`, `tree` (except its `name` and `read_ahead`), `checkpoint_interval` and
/// `manifest_compact_extra_blocks` affect the bytes on the device: they must be the same each time
/// the store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// The sizes of sectors and blocks, and the number of blocks.
    pub layout: LayoutOptions,
    /// The sizes of the tree.
    pub tree: TreeOptions,
    /// The number of bars from one checkpoint to the next, 1 or more.
    pub checkpoint_interval: u32,
    /// How many more blocks of the manifest log a half-bar may compact than the tree may fill, 1 or
    /// more.
    pub manifest_compact_extra_blocks: u32,
    /// The size of a node of the manifest in memory, in bytes.
    pub manifest_node_size: usize,
    /// The size of the cache, in blocks.
    pub cache: CacheOptions,
    /// The maximum number of concurrent reads of the device, 1 or more.
    pub reads_in_flight_max: u32,
    /// The maximum number of concurrent writes of the device, 1 or more.
    pub writes_in_flight_max: u32,
    /// The maximum number of concurrent lookups by hand, from 1 to [`StoreOptions::LOOKUPS_MAX`],
    /// inclusive.
    pub lookups_max: u32,
    /// The maximum number of open scans by hand, from 1 to [`StoreOptions::SCANS_MAX`], inclusive.
    pub scans_max: u32,
}

/// The reason why the options of a store are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidStore {
    /// The layout is invalid.
    Layout(InvalidLayout),
    /// The options of the tree are invalid.
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
    /// `lookups_max` is above [`StoreOptions::LOOKUPS_MAX`].
    Lookups {
        /// The value of the option.
        lookups_max: u32,
    },
    /// `scans_max` is above [`StoreOptions::SCANS_MAX`].
    Scans {
        /// The value of the option.
        scans_max: u32,
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
            Self::Lookups { lookups_max } => write!(
                formatter,
                "lookups_max is {lookups_max}, but the grid has a block buffer for each lookup: set it to a number from 1 to {}",
                StoreOptions::LOOKUPS_MAX,
            ),
            Self::Scans { scans_max } => write!(
                formatter,
                "scans_max is {scans_max}, but the grid has two block buffers for each level of a scan: set it to a number from 1 to {}",
                StoreOptions::SCANS_MAX,
            ),
            Self::Device { size, needed } => write!(
                formatter,
                "the device has {size} bytes and the store needs {needed}, or their sector sizes \
                 differ: change the device or the options"
            ),
        }
    }
}

impl StoreOptions {
    /// The maximum of `lookups_max`, inclusive.
    pub const LOOKUPS_MAX: u32 = 1 << 16;

    /// The maximum of `scans_max`, inclusive.
    pub const SCANS_MAX: u32 = 1 << 10;

    /// Options for production: `block_count` blocks of 64 KiB, a tree of seven levels, and a cache
    /// of up to 512 MiB.
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
            scans_max: 8,
        }
    }

    /// Options for tests and fuzzing: a store so small that compactions, moves of tables, and
    /// checkpoints happen within tens of operations.
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
            scans_max: 2,
        }
    }

    /// The size that a device needs for these options, in bytes.
    ///
    /// # Errors
    ///
    /// If the layout is invalid.
    pub fn device_size(&self) -> Result<u64, InvalidStore> {
        Ok(self.layout()?.size())
    }

    /// The layout of the device.
    pub(super) fn layout(&self) -> Result<Layout, InvalidStore> {
        Layout::new(self.layout).map_err(InvalidStore::Layout)
    }

    /// Checks all options for a store of records `R`. Allocates no memory.
    ///
    /// # Errors
    ///
    /// Returns an error for the first option that is invalid.
    pub fn validate<R: Record>(&self) -> Result<(), InvalidStore> {
        self.tree.validate().map_err(InvalidStore::Tree)?;
        self.tree.table::<R>(self.layout.block_size).map_err(InvalidStore::Tree)?;
        for (option, number) in [
            ("checkpoint_interval", self.checkpoint_interval),
            ("lookups_max", self.lookups_max),
            ("scans_max", self.scans_max),
        ] {
            if number == 0 {
                return Err(InvalidStore::Zero { option });
            }
        }
        if self.lookups_max > Self::LOOKUPS_MAX {
            return Err(InvalidStore::Lookups { lookups_max: self.lookups_max });
        }
        if self.scans_max > Self::SCANS_MAX {
            return Err(InvalidStore::Scans { scans_max: self.scans_max });
        }
        let layout = self.layout()?;
        let pace = self.manifest_log().pace(layout.block_size());
        let log_blocks = pace.map_err(InvalidStore::ManifestLog)?.buffers();
        let grid = self.grid(log_blocks.min(layout.block_count()));
        grid.validate().map_err(InvalidStore::Grid)?;
        let TreeOptions { growth_factor, level_count, .. } = self.tree;
        let (node_size, tables) = (self.manifest_node_size, self.table_count_max());
        Manifest::<R::Key>::validate(growth_factor, level_count, node_size, tables)
            .map_err(|error| InvalidStore::Tree(InvalidTree::Manifest(error)))?;
        self.nodes::<R>().validate().map_err(InvalidStore::Nodes)
    }

    /// The maximum number of tables of the tree. A table has 2 blocks or more, so the number of
    /// blocks also limits the number of tables.
    pub(super) fn table_count_max(&self) -> u32 {
        let TreeOptions { growth_factor, level_count, .. } = self.tree;
        let by_levels = table_count_max_of_tree(growth_factor, level_count);
        // While a compaction is applied, its input and output tables exist at the same time.
        let most = by_levels + 2 * (1 + u64::from(growth_factor)) * u64::from(level_count);
        most.min(self.layout.block_count / 2 + 1).min(u64::from(u32::MAX)) as u32
    }

    /// The options of the pool of nodes for the tables of all levels. Nodes are at least half full.
    pub(super) fn nodes<R: Record>(&self) -> NodePoolOptions {
        let table = size_of::<crate::manifest::TableInfo<R::Key>>();
        let per_node = |size: usize| (self.manifest_node_size / size / 2).max(1) as u32;
        let tables = self.table_count_max();
        let nodes =
            tables.div_ceil(per_node(table)) + tables.div_ceil(per_node(size_of::<R::Key>()));
        NodePoolOptions {
            node_size: self.manifest_node_size,
            // The last node of each array may be nearly empty.
            node_count: nodes + 4 * self.tree.level_count,
        }
    }

    /// The options of the manifest log.
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

    /// The options of the grid, for a manifest log that keeps `log_blocks` blocks in memory.
    pub(super) fn grid(&self, log_blocks: u64) -> GridOptions {
        // Each of the two inputs of a compaction uses two index blocks and the blocks that it reads
        // ahead. The table that is being built uses an index block and a value block.
        let compaction = 2 * (2 + self.tree.read_ahead) + 2;
        // A scan or a range uses two blocks for each level, and a lookup one until it ends.
        let readers = 2 * self.tree.level_count * (self.scans_max + 1) + self.lookups_max;
        GridOptions {
            cache: self.cache,
            private_blocks: compaction + readers + log_blocks as u32 + 1,
            reads_in_flight_max: self.reads_in_flight_max,
            writes_in_flight_max: self.writes_in_flight_max,
            reservation_count_max: 2,
        }
    }
}

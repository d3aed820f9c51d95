//! The options of a forest, without those of its trees.

use super::memory::memory_size;
use super::shape::table_count_max;
use super::{ForestSizes, InvalidStore, TreeShape};
use crate::beat::{BarBlocks, ReserveSizes};
use crate::collections::{CacheOptions, NodePoolOptions, Ways};
use crate::grid::GridOptions;
use crate::manifest_log::ManifestLogOptions;
use crate::storage::{Layout, LayoutOptions};
use crate::tree::{InvalidTree, TreeOptions};

/// The options of a forest, without those of its trees.
///
/// - `layout` (except its `block_count`) and `manifest_compact_extra_blocks` affect the bytes on
///   the device: they must be the same each time the forest is opened. The same holds for the
///   options of the trees, except `read_ahead`.
/// - `block_count` may be larger each time the forest is opened: the device then grows. It must not
///   be smaller. `checkpoint_interval` may change. Both affect the bytes, so a forest continues
///   with those of its last checkpoint until it takes the next one. So beats that are repeated do
///   the same, and a full store accepts writes again after its next checkpoint.
/// - All other options may change. They are sizes of memory, and do not affect the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForestOptions {
    /// The sizes of sectors and blocks, and the number of blocks.
    pub layout: LayoutOptions,
    /// The number of bars from one checkpoint to the next, 1 or more. A checkpoint is taken earlier
    /// if it is requested, or if room runs low.
    pub checkpoint_interval: u32,
    /// The maximum number of blocks of the manifest log that are compacted in a half-bar, less the
    /// maximum number that the trees fill in a half-bar: 1 or more.
    pub manifest_compact_extra_blocks: u32,
    /// The size of a node of the manifests in memory, in bytes.
    pub manifest_node_size: usize,
    /// The size of the cache, in blocks.
    pub cache: CacheOptions,
    /// The maximum number of concurrent reads of the device, 1 or more.
    pub reads_in_flight_max: u32,
    /// The maximum number of concurrent writes of the device, 1 or more. At most as many more wait
    /// in memory, or the blocks of a checkpoint's free set if these are more.
    pub writes_in_flight_max: u32,
    /// The maximum number of concurrent lookups, from 1 to [`ForestOptions::LOOKUPS_MAX`],
    /// inclusive.
    pub lookups_max: u32,
    /// The maximum number of open scans of trees, from 1 to [`ForestOptions::SCANS_MAX`],
    /// inclusive.
    pub scans_max: u32,
    /// Whether the space of free blocks is given back to the file system after a checkpoint, except
    /// for a quarter of the blocks in use. So a file takes about 1.25 times the space of the blocks
    /// in use after each checkpoint. Has no effect on a device that cannot give space back; files
    /// can on Linux.
    pub discard: bool,
}

impl ForestOptions {
    /// The maximum of `lookups_max`, inclusive.
    pub const LOOKUPS_MAX: u32 = 1 << 16;

    /// The maximum of `scans_max`, inclusive.
    pub const SCANS_MAX: u32 = 1 << 10;

    /// The maximum of [`ForestOptions::memory_size`], inclusive: 2^47 bytes, as many as a process
    /// can address on current processors; or `isize::MAX`, if that is less.
    pub const MEMORY_SIZE_MAX: u64 = {
        let most = isize::MAX as u64;
        if most < 1 << 47 { most } else { 1 << 47 }
    };

    /// The maximum number of trees, inclusive.
    pub const TREES_MAX: usize = 1 << 10;

    /// Options for production: `block_count` blocks of 64 KiB, and a cache of up to 512 MiB.
    #[must_use]
    pub fn production(block_count: u64) -> Self {
        Self {
            layout: LayoutOptions {
                sector_size: 4096,
                block_size: 64 * 1024,
                superblock_copies: 4,
                block_count,
            },
            checkpoint_interval: 16,
            manifest_compact_extra_blocks: 1,
            manifest_node_size: 16 * 1024,
            cache: CacheOptions { ways: Ways::Sixteen, sets: 512 },
            reads_in_flight_max: 32,
            writes_in_flight_max: 32,
            lookups_max: 64,
            scans_max: 8,
            discard: true,
        }
    }

    /// Options for tests and fuzzing: a forest so small that compactions, moves of tables, and
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
            checkpoint_interval: 1,
            manifest_compact_extra_blocks: 4,
            manifest_node_size: 1024,
            cache: CacheOptions { ways: Ways::Two, sets: 4 },
            reads_in_flight_max: 2,
            writes_in_flight_max: 2,
            lookups_max: 4,
            scans_max: 2,
            discard: false,
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

    /// The bytes of memory that the options of a forest of these trees add up to, without the
    /// device. Opening allocates nearly all of the memory. The forest takes no more, and at least a
    /// quarter of what exceeds 64 KiB.
    ///
    /// ```text
    /// count                                            bytes of each
    /// 1                                                65,536
    /// buffers of blocks: slots of the cache,           buffer(block) + 640
    ///   reads_in_flight_max, two encoded free sets,
    ///   and those of compactions, scans, lookups
    ///   and the manifest log
    /// reads_in_flight_max                              256
    /// superblock_copies                                buffer(copy) + 512
    /// blocks of the device                             1
    /// tables of all trees                              96
    /// blocks of the manifest log, at most              32
    /// nodes of the manifests                           node + 64
    /// lookups_max                                      1,024
    /// trees                                            4,096 + buffer(block)
    ///   records of a memtable                          2 * record + 32
    ///   levels                                         256 * (growth + 2) + 32 * nodes of the tree
    ///   read_ahead                                     256
    ///   scans_max + 1; with objects 5 * (scans_max+1)  512 * (levels + slices)
    ///   objects in memory                              object + 64
    ///   keys to prefetch                               128
    ///
    /// buffer(size)    size in whole units, and 128 bytes; a unit has 512 bytes if size is below
    ///                 4,096, and 4,096 bytes otherwise
    /// slices          beats of a bar + 2 * (log2(records of a memtable) + 2), rounded down
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`ForestOptions::validate`].
    pub fn memory_size(&self, trees: &[TreeShape]) -> Result<u64, InvalidStore> {
        let memory_size = self.add_up(trees)?;
        if memory_size > Self::MEMORY_SIZE_MAX {
            return Err(InvalidStore::MemorySize { memory_size });
        }
        Ok(memory_size)
    }

    /// Checks all options for a forest of these trees, and that they add up to no more than
    /// [`ForestOptions::MEMORY_SIZE_MAX`] bytes of memory.
    ///
    /// # Errors
    ///
    /// Returns an error for the first option that is invalid.
    pub fn validate(&self, trees: &[TreeShape]) -> Result<(), InvalidStore> {
        self.memory_size(trees).map(drop)
    }

    /// Whether the device is large enough for a forest of these trees to keep a reserve; see
    /// [`Fullness`](crate::store::Fullness). Without a reserve, writes are accepted until a beat
    /// fails because the device is full, and then the forest only reads.
    ///
    /// The device must have room for about as many full memtables of each tree as its growth factor
    /// and 3, and for some tens of blocks of the manifest log.
    ///
    /// # Errors
    ///
    /// The same as [`ForestOptions::validate`].
    pub fn has_reserve(&self, trees: &[TreeShape]) -> Result<bool, InvalidStore> {
        self.validate(trees)?;
        let layout = self.layout()?;
        let log = self.manifest_log(trees).pace(layout.block_size());
        let log = log.map_err(InvalidStore::ManifestLog)?;
        let grid = self.grid(trees, log.buffers().min(layout.block_count()));
        let sizes = ForestSizes::of(self);
        let bar = |levels| {
            let mut blocks = BarBlocks::NOTHING;
            for tree in trees {
                blocks.add(&tree.bar_blocks(&sizes, levels).map_err(InvalidStore::Tree)?);
            }
            Ok(blocks)
        };
        let bars = [bar(1)?, bar(2)?];
        let reserve = ReserveSizes {
            block_count: layout.block_count(),
            free_set: grid.free_set_blocks_max(&layout),
            log: &log,
        };
        Ok(reserve.suffices(&bars))
    }

    /// Checks all options, and returns the bytes of memory that they add up to.
    fn add_up(&self, trees: &[TreeShape]) -> Result<u64, InvalidStore> {
        if trees.is_empty() || trees.len() > Self::TREES_MAX {
            return Err(InvalidStore::Trees { count: trees.len() });
        }
        let sizes = ForestSizes::of(self);
        for (place, tree) in trees.iter().enumerate() {
            tree.validate_table(&sizes).map_err(InvalidStore::Tree)?;
            let TreeOptions { id, beats_per_bar: other, .. } = tree.options;
            let beats_per_bar = trees[0].options.beats_per_bar;
            if other != beats_per_bar {
                return Err(InvalidStore::DifferentBars { beats_per_bar, other });
            }
            if trees[..place].iter().any(|other| other.options.id == id) {
                return Err(InvalidStore::SameTree { id });
            }
        }
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
        let pace = self.manifest_log(trees).pace(layout.block_size());
        let pace = pace.map_err(InvalidStore::ManifestLog)?;
        let grid = self.grid(trees, pace.buffers().min(layout.block_count()));
        grid.validate().map_err(InvalidStore::Grid)?;
        for tree in trees {
            tree.validate_manifest(&sizes)
                .map_err(|error| InvalidStore::Tree(InvalidTree::Manifest(error)))?;
        }
        self.nodes(trees).validate().map_err(InvalidStore::Nodes)?;
        Ok(memory_size(self, trees, &layout, &pace, &grid))
    }

    /// The options of the pool of nodes that the manifests of all trees share.
    pub(super) fn nodes(&self, trees: &[TreeShape]) -> NodePoolOptions {
        let sizes = ForestSizes::of(self);
        let of_trees = trees.iter().map(|tree| tree.node_count(&sizes));
        let node_count = of_trees.fold(0, u32::saturating_add);
        NodePoolOptions { node_size: self.manifest_node_size, node_count }
    }

    /// The options of the manifest log that the trees share.
    pub(super) fn manifest_log(&self, trees: &[TreeShape]) -> ManifestLogOptions {
        let options: Vec<_> = trees.iter().map(|tree| tree.options).collect();
        self.manifest_log_of(&options)
    }

    /// The options of the manifest log of trees with these options.
    pub(crate) fn manifest_log_of(&self, trees: &[TreeOptions]) -> ManifestLogOptions {
        let sizes = ForestSizes::of(self);
        let tables = trees.iter().map(|tree| u64::from(table_count_max(tree, &sizes)));
        let by_blocks = sizes.block_count / 2 + 1;
        let largest = |size: fn(&TreeOptions) -> u32| trees.iter().map(size).max().unwrap_or(0);
        ManifestLogOptions {
            tree_count: trees.len() as u16,
            tree_id_max: largest(|tree| u32::from(tree.id)) as u16,
            level_count: largest(|tree| tree.level_count) as u8,
            growth_factor: largest(|tree| tree.growth_factor),
            table_count_max: tables.sum::<u64>().min(by_blocks).min(u64::from(u32::MAX)) as u32,
            compact_extra_blocks: self.manifest_compact_extra_blocks,
        }
    }

    /// The options of the grid, for a manifest log that keeps `log_blocks` blocks in memory.
    pub(super) fn grid(&self, trees: &[TreeShape], log_blocks: u64) -> GridOptions {
        let largest =
            |size: fn(&TreeOptions) -> u32| trees.iter().map(|tree| size(&tree.options)).max();
        let read_ahead = largest(|tree| tree.read_ahead).unwrap_or(0);
        let levels = largest(|tree| tree.level_count).unwrap_or(0);
        // Compactions run one at a time. Each of the two inputs of a compaction uses two index
        // blocks and the blocks that it reads ahead. The table that is being built uses an index
        // block and a value block.
        let compaction = 2 * (2 + read_ahead) + 2;
        // A scan or a range uses two blocks for each level, and a lookup one until it ends.
        let readers = 2 * levels * (self.scans_max + 1) + self.lookups_max;
        GridOptions {
            cache: self.cache,
            private_blocks: compaction + readers + log_blocks as u32 + 1,
            reads_in_flight_max: self.reads_in_flight_max,
            writes_in_flight_max: self.writes_in_flight_max,
            reservation_count_max: 2,
            discard: self.discard,
        }
    }
}

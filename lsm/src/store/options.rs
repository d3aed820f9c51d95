//! The options of a store: its sizes, and how its work is paced.
//!
//! - [`StoreOptions`] says which options may change between openings.

use std::ops::RangeInclusive;

use crate::collections::CacheOptions;
use crate::forest::{ForestOptions, InvalidStore, TreeShape};
use crate::manifest_log::ManifestLogOptions;
use crate::record::Record;
use crate::storage::LayoutOptions;
use crate::table::{InvalidTable, TableOptions};
use crate::tree::TreeOptions;

/// The options of a store.
///
/// - `layout` (except its `block_count`), `tree` (except its `read_ahead`) and
///   `manifest_compact_extra_blocks` affect the bytes on the device: they must be the same each
///   time the store is opened.
/// - `block_count` may be larger each time the store is opened: the device then grows. It must not
///   be smaller. `checkpoint_interval` may change. Both affect the bytes, so a store continues with
///   those of its last checkpoint until it takes the next one. So beats that are repeated do the
///   same, and a full store accepts writes again after its next checkpoint.
/// - All other options may change. They are sizes of memory, and do not affect the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// The sizes of sectors and blocks, and the number of blocks.
    pub layout: LayoutOptions,
    /// The sizes of the tree.
    pub tree: TreeOptions,
    /// The number of bars from one checkpoint to the next, 1 or more. A checkpoint is taken earlier
    /// if it is requested, or if room runs low.
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
    /// The maximum number of concurrent writes of the device, 1 or more. At most as many more wait
    /// in memory, or the blocks of a checkpoint's free set if these are more.
    pub writes_in_flight_max: u32,
    /// The maximum number of concurrent lookups by hand, from 1 to [`StoreOptions::LOOKUPS_MAX`],
    /// inclusive.
    pub lookups_max: u32,
    /// The maximum number of open scans by hand, from 1 to [`StoreOptions::SCANS_MAX`], inclusive.
    pub scans_max: u32,
    /// Whether the space of free blocks is given back to the file system after a checkpoint, except
    /// for a quarter of the blocks in use. So a file takes about 1.25 times the space of the blocks
    /// in use after each checkpoint. Has no effect on a device that cannot give space back; files
    /// can on Linux.
    pub discard: bool,
}

impl StoreOptions {
    /// The maximum of `lookups_max`, inclusive.
    pub const LOOKUPS_MAX: u32 = ForestOptions::LOOKUPS_MAX;

    /// The sizes of blocks for production, in bytes.
    const PRODUCTION_BLOCKS: RangeInclusive<usize> = 4096..=1 << 20;

    /// The maximum of `scans_max`, inclusive.
    pub const SCANS_MAX: u32 = ForestOptions::SCANS_MAX;

    /// The maximum of [`StoreOptions::memory_size`], inclusive: 2^47 bytes, as many as a process
    /// can address on current processors; or `isize::MAX`, if that is less.
    pub const MEMORY_SIZE_MAX: u64 = ForestOptions::MEMORY_SIZE_MAX;

    /// Options for production: `block_count` blocks of 64 KiB, a tree of seven levels, and a cache
    /// of up to 512 MiB.
    #[must_use]
    pub fn production(block_count: u64) -> Self {
        Self::new(&ForestOptions::production(block_count), TreeOptions::production(1, "records"))
    }

    /// Options for production of a store of records `R`: `block_count` blocks of `block_size`
    /// bytes, a power of two from 4 KiB to 1 MiB. The cache has up to 512 MiB, whatever the size of
    /// its blocks. A beat accepts 2,048 records, or as many as the index block of a table can refer
    /// to: small blocks make small tables. On a small device, or with large records, it accepts
    /// fewer, so that half of the device is large enough for [a
    /// reserve](StoreOptions::has_reserve), or at least the whole device. A device of some tens of
    /// blocks has none.
    ///
    /// # Panics
    ///
    /// If the block size is not a power of two from 4 KiB to 1 MiB.
    #[must_use]
    pub fn production_of<R: Record>(block_size: usize, block_count: u64) -> Self {
        assert!(
            block_size.is_power_of_two() && Self::PRODUCTION_BLOCKS.contains(&block_size),
            "store: blocks for production have a power of two from 4096 to 1048576 bytes \
             (block_size {block_size})",
        );
        let mut options = Self::production(block_count);
        let cache_size = options.cache.sets as usize * options.layout.block_size;
        options.layout.block_size = block_size;
        options.cache.sets = (cache_size / block_size) as u32;
        let tree = &mut options.tree;
        // A table that has the records of a bar needs an index block for all of its value blocks.
        if let Err(InvalidTable::IndexOverBlock { limit, .. }) =
            TableOptions::of::<R>(block_size, tree.value_count_max()).validate()
        {
            tree.beat_value_count_max = (limit / tree.beats_per_bar).max(1);
        }
        options.tree.beat_value_count_max = options.beat_with_reserve::<R>();
        options
    }

    /// The number of records of a beat with which a half of the device is large enough for a
    /// reserve, or all of it: the number that is set, or a half of it, a quarter and so on. The
    /// number that is set if the device is too small for any.
    fn beat_with_reserve<R: Record>(&self) -> u32 {
        let set = self.tree.beat_value_count_max;
        let fits = |parts, beat| {
            let mut options = *self;
            options.layout.block_count /= parts;
            options.tree.beat_value_count_max = beat;
            options.has_reserve::<R>() == Ok(true)
        };
        let beats = || std::iter::successors(Some(set), |beat| (*beat > 1).then_some(beat / 2));
        let found = [2, 1].iter().find_map(|parts| beats().find(|beat| fits(*parts, *beat)));
        found.unwrap_or(set)
    }

    /// Options for tests and fuzzing: a store so small that compactions, moves of tables, and
    /// checkpoints happen within tens of operations.
    #[must_use]
    pub fn tiny(block_count: u64) -> Self {
        Self::new(&ForestOptions::tiny(block_count), TreeOptions::tiny(1, "records"))
    }

    /// The options of a store that has one tree.
    fn new(forest: &ForestOptions, tree: TreeOptions) -> Self {
        let ForestOptions {
            layout,
            checkpoint_interval,
            manifest_compact_extra_blocks,
            manifest_node_size,
            cache,
            reads_in_flight_max,
            writes_in_flight_max,
            lookups_max,
            scans_max,
            discard,
        } = *forest;
        Self {
            layout,
            tree,
            checkpoint_interval,
            manifest_compact_extra_blocks,
            manifest_node_size,
            cache,
            reads_in_flight_max,
            writes_in_flight_max,
            lookups_max,
            scans_max,
            discard,
        }
    }

    /// The options of the forest, without those of its only tree.
    pub(super) fn forest(&self) -> ForestOptions {
        let Self {
            layout,
            tree: _,
            checkpoint_interval,
            manifest_compact_extra_blocks,
            manifest_node_size,
            cache,
            reads_in_flight_max,
            writes_in_flight_max,
            lookups_max,
            scans_max,
            discard,
        } = *self;
        ForestOptions {
            layout,
            checkpoint_interval,
            manifest_compact_extra_blocks,
            manifest_node_size,
            cache,
            reads_in_flight_max,
            writes_in_flight_max,
            lookups_max,
            scans_max,
            discard,
        }
    }

    /// The size that a device needs for these options, in bytes.
    ///
    /// # Errors
    ///
    /// If the layout is invalid.
    pub fn device_size(&self) -> Result<u64, InvalidStore> {
        self.forest().device_size()
    }

    /// The maximum number of bytes of memory that a store of records `R` allocates, without its
    /// device; see [`ForestOptions::memory_size`].
    ///
    /// # Errors
    ///
    /// The same as [`StoreOptions::validate`].
    pub fn memory_size<R: Record>(&self) -> Result<u64, InvalidStore> {
        self.forest().memory_size(&[TreeShape::of::<R>(&self.tree)])
    }

    /// Checks all options for a store of records `R`, and that they add up to no more than
    /// [`StoreOptions::MEMORY_SIZE_MAX`] bytes of memory. Allocates no memory.
    ///
    /// # Errors
    ///
    /// Returns an error for the first option that is invalid.
    pub fn validate<R: Record>(&self) -> Result<(), InvalidStore> {
        self.forest().validate(&[TreeShape::of::<R>(&self.tree)])
    }

    /// Whether the device is large enough for a store of records `R` to keep a reserve; see
    /// [`ForestOptions::has_reserve`].
    ///
    /// # Errors
    ///
    /// The same as [`StoreOptions::validate`].
    pub fn has_reserve<R: Record>(&self) -> Result<bool, InvalidStore> {
        self.forest().has_reserve(&[TreeShape::of::<R>(&self.tree)])
    }

    /// The options of the manifest log.
    #[must_use]
    pub fn manifest_log(&self) -> ManifestLogOptions {
        self.forest().manifest_log_of(&[self.tree])
    }
}

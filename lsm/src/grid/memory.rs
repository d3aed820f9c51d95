//! The memory of a grid.

use super::cache::BlockCache;
use super::free_set::FreeSet;
use super::trailer::TrailerLimits;
use super::write::Writes;
use super::{GridOptions, InvalidGrid};
use crate::storage::{Layout, Storage};

/// The parts of a grid whose sizes depend on the options.
pub(super) struct Memory {
    pub(super) free_set: FreeSet,
    pub(super) cache: BlockCache,
    pub(super) trailers: TrailerLimits,
    /// The number of blocks of the pool.
    pub(super) blocks: usize,
    pub(super) writes: Writes,
}

impl Memory {
    pub(super) fn new(
        storage: &impl Storage,
        layout: &Layout,
        options: &GridOptions,
    ) -> Result<Self, InvalidGrid> {
        options.validate()?;
        assert!(
            storage.sector_size() == layout.sector_size(),
            "grid: sectors of the device must be those of the layout",
        );
        let free_set_options = options.free_set(layout);
        let free_set = FreeSet::new(free_set_options).map_err(InvalidGrid::FreeSet)?;
        let trailers = TrailerLimits::new(layout, &free_set_options);
        let cache = BlockCache::new(options.cache).map_err(InvalidGrid::Cache)?;
        let blocks = options.buffer_count(layout) as usize;
        // A write has a block of the pool.
        let writes = options.pending_writes_max(layout).min(blocks as u64);
        Ok(Self { free_set, cache, trailers, blocks, writes: Writes::new(writes as usize) })
    }
}

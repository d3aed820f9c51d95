//! The shape of a tree: its sizes, and what its forest must know of its records.

use super::ForestSizes;
use crate::beat::BarBlocks;
use crate::collections::InvalidOptions;
use crate::manifest::{Manifest, TableInfo, table_count_max_of_tree};
use crate::record::{Key, Record, Usage};
use crate::table::TableLayout;
use crate::tree::{BarSizes, InvalidTree, TreeOptions};

/// The shape of a tree of a forest.
#[derive(Clone, Copy, Debug)]
pub struct TreeShape {
    pub(super) options: TreeOptions,
    pub(super) record_size: usize,
    pub(super) key_size: usize,
    pub(super) usage: Usage,
    /// A checksum of the fields of the records; 0 if the tree has no objects.
    pub(super) fields: u64,
    /// The bytes of the objects in memory; 0 if the tree has no objects.
    objects_size: u64,
    table_info_size: usize,
    key_memory_size: usize,
    table: fn(&TreeOptions, usize) -> Result<TableLayout, InvalidTree>,
    validate_manifest: fn(u32, u32, usize, u32) -> Result<(), InvalidOptions>,
}

impl TreeShape {
    /// The shape of a tree of records `R`.
    #[must_use]
    pub fn of<R: Record>(options: &TreeOptions) -> Self {
        Self {
            options: *options,
            record_size: size_of::<R>(),
            key_size: R::Key::SIZE,
            usage: R::USAGE,
            fields: 0,
            objects_size: 0,
            table_info_size: size_of::<TableInfo<R::Key>>(),
            key_memory_size: size_of::<R::Key>(),
            table: |options, block_size| options.table::<R>(block_size),
            validate_manifest: Manifest::<R::Key>::validate,
        }
    }

    /// The same shape, for records whose fields have this checksum. A forest opens only with the
    /// checksum with which it was formatted.
    #[must_use]
    pub fn with_fields(self, checksum: u64) -> Self {
        Self { fields: checksum, ..self }
    }

    /// The same shape, for a tree whose objects take up to this many bytes in memory.
    #[must_use]
    pub fn with_objects(self, objects_size: u64) -> Self {
        Self { objects_size, ..self }
    }

    /// The maximum number of bytes of memory that the tree and its scans allocate, if its options
    /// are valid. `block` is the bytes of a block's buffer. See the formula in `memory`.
    pub(super) fn memory_size(&self, sizes: &ForestSizes, block: u64) -> u64 {
        let [levels, values, beats, growth, ahead] = [
            self.options.level_count,
            self.options.value_count_max(),
            self.options.beats_per_bar,
            self.options.growth_factor,
            self.options.read_ahead,
        ]
        .map(u64::from);
        let nodes = u64::from(self.node_count(sizes));
        let scan = 512 * levels + 512 * (beats + 2 * (u64::from(values.ilog2()) + 2));
        // A groove has a scan for each of four kinds of indexes, and one for its objects.
        let scans = if self.objects_size > 0 { 5 } else { 1 };
        let own = block
            + 4096
            + values * (2 * self.record_size as u64 + 32)
            + levels * (256 * (growth + 2) + 32 * nodes)
            + 256 * ahead
            + scans * (u64::from(sizes.scans_max()) + 1) * scan;
        own.saturating_add(self.objects_size)
    }

    /// Checks the sizes of the tree, and that its blocks are large enough.
    pub(super) fn validate_table(&self, sizes: &ForestSizes) -> Result<(), InvalidTree> {
        self.options.validate()?;
        (self.table)(&self.options, sizes.block_size).map(drop)
    }

    /// What the tree may write in its second bar, with a table in each of the first `levels`
    /// levels.
    pub(super) fn bar_blocks(
        &self,
        sizes: &ForestSizes,
        levels: usize,
    ) -> Result<BarBlocks, InvalidTree> {
        let layout = (self.table)(&self.options, sizes.block_size)?;
        Ok(BarSizes { options: &self.options, layout: &layout }.least(levels))
    }

    /// Checks that nodes of this size can store the tables of all levels.
    pub(super) fn validate_manifest(&self, sizes: &ForestSizes) -> Result<(), InvalidOptions> {
        let TreeOptions { growth_factor, level_count, .. } = self.options;
        let tables = table_count_max(&self.options, sizes);
        (self.validate_manifest)(growth_factor, level_count, sizes.node_size, tables)
    }

    /// The number of nodes for the tables of all levels. Nodes are at least half full.
    pub(super) fn node_count(&self, sizes: &ForestSizes) -> u32 {
        let per_node = |size: usize| (sizes.node_size / size / 2).max(1) as u32;
        let tables = table_count_max(&self.options, sizes);
        let nodes = tables.div_ceil(per_node(self.table_info_size))
            + tables.div_ceil(per_node(self.key_memory_size));
        // The last node of each array of a level may be nearly empty.
        nodes + 4 * self.options.level_count
    }
}

/// The maximum number of tables of a tree. A table has 2 blocks or more, so the number of blocks
/// also limits the number of tables.
pub(super) fn table_count_max(options: &TreeOptions, sizes: &ForestSizes) -> u32 {
    let TreeOptions { growth_factor, level_count, .. } = *options;
    let by_levels = table_count_max_of_tree(growth_factor, level_count);
    // While a compaction is applied, its input and output tables exist at the same time.
    let most = by_levels + 2 * (1 + u64::from(growth_factor)) * u64::from(level_count);
    most.min(sizes.block_count / 2 + 1).min(u64::from(u32::MAX)) as u32
}

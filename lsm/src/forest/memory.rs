//! How many bytes of memory a forest allocates, at most.
//!
//! The formula is at [`ForestOptions::memory_size`]; each term that belongs to one tree is in
//! [`TreeShape::memory_size`]. The sizes of the core's types differ between compilers, so each
//! number is rounded up.

use super::{ForestOptions, ForestSizes, TreeShape};
use crate::grid::GridOptions;
use crate::manifest_log::LogPace;
use crate::storage::{Buffer, Layout};

/// What a forest always takes.
const ALWAYS: u64 = 1 << 16;
const OF_BUFFER: u64 = 640;
const OF_READ: u64 = 256;
const OF_COPY: u64 = 512;
const OF_BLOCK: u64 = 1;
const OF_LOG_TABLE: u64 = 96;
const OF_LOG_BLOCK: u64 = 32;
const OF_NODE: u64 = 64;
const OF_LOOKUP: u64 = 1024;

/// The bytes of all parts of a forest. Saturates.
#[derive(Clone, Copy, Debug, Default)]
struct Sum(u64);

impl Sum {
    fn add(&mut self, count: u64, bytes: u64) {
        self.0 = self.0.saturating_add(count.saturating_mul(bytes));
    }
}

/// The bytes that a forest of these trees allocates at most, if its other options are valid;
/// `u64::MAX` if they are too many to count.
pub(super) fn memory_size(
    options: &ForestOptions,
    trees: &[TreeShape],
    layout: &Layout,
    pace: &LogPace,
    grid: &GridOptions,
) -> u64 {
    let block = Buffer::memory_size(layout.block_size());
    let copy = Buffer::memory_size(layout.superblock_copy_size());
    let sizes = ForestSizes::of(options);
    let nodes = options.nodes(trees);
    let log_tables = u64::from(options.manifest_log(trees).table_count_max);
    let log_blocks = pace.blocks_limit().min(layout.block_count()) + pace.append_blocks() + 1;
    let mut sum = Sum(ALWAYS);
    sum.add(grid.buffer_count(layout), block + OF_BUFFER);
    sum.add(options.reads_in_flight_max.into(), OF_READ);
    sum.add(layout.superblock_copies() as u64, copy + OF_COPY);
    sum.add(layout.block_count(), OF_BLOCK);
    sum.add(log_tables.min(layout.block_count()), OF_LOG_TABLE);
    sum.add(log_blocks, OF_LOG_BLOCK);
    sum.add(nodes.node_count.into(), nodes.node_size as u64 + OF_NODE);
    sum.add(options.lookups_max.into(), OF_LOOKUP);
    for tree in trees {
        sum.add(1, tree.memory_size(&sizes, block));
    }
    sum.0
}

//! The options of a small forest.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::ForestOptions;
use downbeat_lsm::storage::LayoutOptions;

/// The options of a forest of `blocks` blocks. `number` returns the number that a setting chooses.
/// The settings are, in this order: bytes of a block, bars between checkpoints, sets of the cache
/// of blocks, and the maximum number of reads, and of writes, in flight.
pub(crate) fn forest_options(
    number: impl Fn(usize) -> u32,
    [block, interval, cache, in_flight]: [usize; 4],
    blocks: u64,
) -> ForestOptions {
    ForestOptions {
        layout: LayoutOptions {
            sector_size: 256,
            block_size: number(block) as usize,
            superblock_copies: 2,
            block_count: blocks,
        },
        checkpoint_interval: number(interval),
        manifest_compact_extra_blocks: 1,
        manifest_node_size: 1024,
        cache: CacheOptions { ways: Ways::Two, sets: number(cache) },
        reads_in_flight_max: number(in_flight),
        writes_in_flight_max: number(in_flight),
        lookups_max: 2,
        scans_max: 1,
        discard: true,
    }
}

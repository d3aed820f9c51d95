//! The sizes of a store, from its shape and the other settings of a header, and the number of steps
//! of a run.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::record::Usage;
use downbeat_lsm::storage::LayoutOptions;
use downbeat_lsm::store::StoreOptions;
use downbeat_lsm::tree::TreeOptions;

use super::super::tested::{LOOKUPS, SCANS, fitting_block_size, with_valid_log};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::Versioned;
use downbeat_model::tree_large::{
    AHEAD, BALLAST, CACHE, COPIES, DEVICE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, Operation, SHAPE,
    SHAPE_NAMES,
};

/// The sizes of records, blocks, beats and bars.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Bytes of a record; a record of an index always has 32.
    pub(super) record: u32,
    block: usize,
    sector: usize,
    /// The maximum number of records of a beat.
    batch: u32,
    /// Beats of a bar.
    bar: u32,
    /// The maximum number of steps of a run, not counting those of its final comparison: enough to
    /// exceed the limits that the shape is made for.
    pub(super) steps: u64,
}

/// The number of the shape with many value blocks in a table.
const WIDE: usize = 3;

/// The number of the shape with tables in each of seven levels.
const DEEP: usize = 6;

/// The number of the shape of [`StoreOptions::production`].
const PRODUCTION: usize = 8;

/// The smallest size of blocks with which the ballast extends to 4 GiB.
const BLOCK_LARGE: usize = 32 * 1024;

/// The maximum size of the cache in bytes, except for production.
const CACHE_BYTES_MAX: usize = 16 << 20;

/// The value of [`CACHE`] with which the production shape keeps the cache of its options.
const CACHE_FULL: u32 = 64;

/// The maximum number of bytes that a compaction reads ahead from an input.
const AHEAD_BYTES_MAX: usize = 4 << 20;

/// The shapes, in the order of [`SHAPE_NAMES`].
const SHAPES: [Shape; SHAPE_NAMES.len()] = [
    // More than 32 runs in memory, and up to 256.
    Shape { record: 16, block: 4096, sector: 4096, batch: 16, bar: 256, steps: 8192 },
    // Small tables, more than 255 in a level.
    Shape { record: 16, block: 4096, sector: 4096, batch: 16, bar: 4, steps: 32_768 },
    // More than 65,536 records in memory.
    Shape { record: 16, block: 65_536, sector: 4096, batch: 2048, bar: 64, steps: 98_304 },
    // More than 255 value blocks in a table.
    Shape { record: 256, block: 32_768, sector: 4096, batch: 1152, bar: 32, steps: 49_152 },
    // The longest bar.
    Shape { record: 16, block: 4096, sector: 512, batch: 4, bar: 1024, steps: 8192 },
    // Large blocks.
    Shape { record: 256, block: 1 << 20, sector: 4096, batch: 256, bar: 32, steps: 8192 },
    // Tables in each of seven levels. The growth factor is always 2.
    Shape { record: 256, block: 4096, sector: 512, batch: 8, bar: 4, steps: 8192 },
    // Large records in small blocks.
    Shape { record: 256, block: 8192, sector: 4096, batch: 64, bar: 32, steps: 8192 },
    // Production. Only `record` and `steps` are used; the other sizes are those of
    // [`StoreOptions::production`]. A run writes up to two bars.
    Shape { record: 16, block: 65_536, sector: 4096, batch: 2048, bar: 32, steps: 150_000 },
];

/// The sizes of a tree of an index, whose records have 32 bytes, with the shape [`WIDE`].
const WIDE_INDEX: Shape =
    Shape { record: 32, block: 16_384, sector: 4096, batch: 4608, bar: 32, steps: 163_840 };

/// Bytes of a record; a record of an index always has 32.
pub(super) fn record_size(header: &Header) -> u32 {
    SHAPES[header.index(SHAPE)].record
}

/// The sizes that the header of an input chooses.
pub(super) fn shape<R: Versioned>(header: &Header) -> Shape {
    match (header.index(SHAPE), R::USAGE) {
        (WIDE, Usage::SecondaryIndex) => WIDE_INDEX,
        (shape, _) => SHAPES[shape],
    }
}

/// The options that the header of an input chooses, and how many blocks at the beginning of the
/// device are the ballast.
pub(super) fn options<R: Versioned>(header: &Header) -> (StoreOptions, u64) {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let Shape { block, sector, batch, bar, .. } = shape::<R>(header);
    let blocks = u64::from(number(DEVICE));
    if header.index(SHAPE) == PRODUCTION {
        let mut options = StoreOptions::production(blocks);
        let ballast = ballast(header, options.layout.block_size);
        options.layout.block_count += ballast;
        // A new store initializes its whole cache, which takes time. So only some runs have the
        // full cache.
        if number(CACHE) < CACHE_FULL {
            options.cache.sets = number(CACHE);
        }
        return (options, ballast);
    }
    let (growth_factor, level_count) = match header.index(SHAPE) {
        DEEP => (2, 7),
        _ => (number(GROWTH), number(LEVELS)),
    };
    let tree = TreeOptions {
        id: u16::MAX,
        name: "records",
        beat_value_count_max: batch,
        beats_per_bar: bar,
        growth_factor,
        level_count,
        read_ahead: number(AHEAD),
    };
    let block_size = fitting_block_size::<R>(block, &tree);
    // The cache is not larger, because allocating it would take more time than the run.
    let sets = number(CACHE).min((CACHE_BYTES_MAX / (16 * block_size)) as u32).max(1);
    let tree = TreeOptions {
        read_ahead: tree.read_ahead.min((AHEAD_BYTES_MAX / block_size) as u32).max(1),
        ..tree
    };
    let ballast = ballast(header, block_size);
    let options = StoreOptions {
        layout: LayoutOptions {
            sector_size: sector,
            block_size,
            superblock_copies: number(COPIES) as usize,
            block_count: ballast + blocks,
        },
        tree,
        checkpoint_interval: number(INTERVAL),
        manifest_compact_extra_blocks: 1,
        manifest_node_size: 16 * 1024,
        cache: CacheOptions { ways: Ways::Sixteen, sets },
        reads_in_flight_max: number(IN_FLIGHT),
        writes_in_flight_max: number(IN_FLIGHT),
        lookups_max: LOOKUPS,
        scans_max: SCANS,
        discard: true,
    };
    (with_valid_log(options), ballast)
}

/// The number of blocks of the ballast. With blocks of [`BLOCK_LARGE`] bytes or more, it leaves a
/// few blocks free below 4 GiB, so that the tree has blocks on both sides. With smaller blocks it
/// has more blocks than 16 bits can count, but ends far below 4 GiB: otherwise it would have up to
/// a million blocks, and the manifest allocates memory for half as many tables as the device has
/// blocks.
fn ballast(header: &Header, block_size: usize) -> u64 {
    /// The number of blocks of the tree below 4 GiB.
    const BELOW: u64 = 64;
    match header.index(BALLAST) {
        1 => 0,
        _ if block_size < BLOCK_LARGE => 70_000,
        _ => (1 << 32) / block_size as u64 - BELOW,
    }
}

//! The identity of a store: its number, and a checksum of the options that affect its bytes.
//!
//! ```text
//! 128 bits in the superblock:  number 64 | checksum of the options 64
//! ```
//!
//! - The checksum covers all options that affect the bytes on the device and must not change, the
//!   names of the trees, and the fields of objects. It does not cover sizes of memory, limits on
//!   operations in flight, or the options that each checkpoint names
//!   ([`ChangingOptions`](crate::superblock::ChangingOptions)).
//! - Most of the options are not on the device: the caller that opens a store passes them.

use super::{ForestOptions, TreeShape};
use crate::block::checksum;
use crate::record::Usage;
use crate::storage::LayoutOptions;
use crate::tree::TreeOptions;

/// The identity of a store with this number and this checksum of the options.
pub(super) fn identity(number: u64, sum: u64) -> u128 {
    u128::from(number) << 64 | u128::from(sum)
}

/// The number of the store with this identity.
pub(super) fn number(identity: u128) -> u64 {
    (identity >> 64) as u64
}

/// Whether a store with this identity was formatted with the options that have this checksum.
pub(super) fn agrees(identity: u128, sum: u64) -> bool {
    identity as u64 == sum
}

/// The checksum of the options of a forest and its trees.
pub(super) fn sum(options: &ForestOptions, trees: &[TreeShape]) -> u64 {
    let ForestOptions {
        layout: LayoutOptions { sector_size, block_size, superblock_copies, block_count: _ },
        checkpoint_interval: _,
        manifest_compact_extra_blocks,
        manifest_node_size: _,
        cache: _,
        reads_in_flight_max: _,
        writes_in_flight_max: _,
        lookups_max: _,
        scans_max: _,
        discard: _,
    } = *options;
    let mut numbers = vec![
        sector_size as u64,
        block_size as u64,
        superblock_copies as u64,
        u64::from(manifest_compact_extra_blocks),
        trees.len() as u64,
    ];
    for tree in trees {
        let TreeOptions {
            id,
            name,
            beat_value_count_max,
            beats_per_bar,
            growth_factor,
            level_count,
            read_ahead: _,
        } = tree.options;
        let usage = match tree.usage {
            Usage::General => 0,
            Usage::SecondaryIndex => 1,
        };
        numbers.extend([
            u64::from(id),
            u64::from(beat_value_count_max),
            u64::from(beats_per_bar),
            u64::from(growth_factor),
            u64::from(level_count),
            tree.record_size as u64,
            tree.key_size as u64,
            usage,
            tree.fields,
            name.len() as u64,
        ]);
    }
    let mut bytes: Vec<u8> = numbers.into_iter().flat_map(u64::to_le_bytes).collect();
    for tree in trees {
        bytes.extend(tree.options.name.as_bytes());
    }
    checksum(&bytes) as u64
}

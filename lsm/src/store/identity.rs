//! The identity of a store: its number, and a checksum of the options that affect its bytes.
//!
//! ```text
//! 128 bits in the superblock:  number 64 | checksum of the options 64
//! ```
//!
//! - The checksum covers all options that affect the bytes on the device. It does not cover sizes
//!   of memory, or limits on operations in flight.
//! - The options themselves are not on the device: the caller that opens a store passes them.

use super::StoreOptions;
use crate::block::checksum;
use crate::record::{Key, Record, Usage};
use crate::storage::LayoutOptions;
use crate::tree::TreeOptions;

/// The identity of a store of these records with this number.
pub(super) fn identity<R: Record>(number: u64, options: &StoreOptions) -> u128 {
    u128::from(number) << 64 | u128::from(sum::<R>(options))
}

/// Whether a store with this identity was formatted with these options, for these records.
pub(super) fn agrees<R: Record>(identity: u128, options: &StoreOptions) -> bool {
    identity as u64 == sum::<R>(options)
}

fn sum<R: Record>(options: &StoreOptions) -> u64 {
    let StoreOptions {
        layout: LayoutOptions { sector_size, block_size, superblock_copies, block_count },
        tree:
            TreeOptions {
                id,
                name: _,
                beat_value_count_max,
                beats_per_bar,
                growth_factor,
                level_count,
                read_ahead: _,
            },
        checkpoint_interval,
        manifest_compact_extra_blocks,
        manifest_node_size: _,
        cache: _,
        reads_in_flight_max: _,
        writes_in_flight_max: _,
        lookups_max: _,
        scans_max: _,
    } = *options;
    let usage = match R::USAGE {
        Usage::General => 0,
        Usage::SecondaryIndex => 1,
    };
    let numbers = [
        sector_size as u64,
        block_size as u64,
        superblock_copies as u64,
        block_count,
        u64::from(id),
        u64::from(beat_value_count_max),
        u64::from(beats_per_bar),
        u64::from(growth_factor),
        u64::from(level_count),
        u64::from(checkpoint_interval),
        u64::from(manifest_compact_extra_blocks),
        size_of::<R>() as u64,
        R::Key::SIZE as u64,
        usage,
    ];
    let mut bytes = [0; 14 * 8];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    checksum(&bytes) as u64
}

//! What tells a store from others, and what its bytes mean from what other options would make of them.
//!
//! ```text
//! the superblock's name of a store, 128 bits:  number 64 | sum of the options 64
//! ```
//!
//! - The sum is over every option that decides what bytes are written, or which bytes can be read: not over sizes of
//!   memory, nor over how much is in flight.
//!
//! What this does not do: it keeps no option. Who opens a store says them.

use super::StoreOptions;
use crate::block::checksum;
use crate::record::{Key, Record, Usage};
use crate::storage::LayoutOptions;
use crate::tree::TreeOptions;

/// The superblock's name of a store with this number, of these records.
pub(super) fn identity<R: Record>(number: u64, options: &StoreOptions) -> u128 {
    u128::from(number) << 64 | u128::from(sum::<R>(options))
}

/// Whether a store of this name has such options and records.
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

//! The bytes of a table's blocks, according to the format.

use super::{Geometry, Table};
use crate::mutation::{Mutation, is_on};
use downbeat_input::wide;

/// Bytes of the metadata in a block header, whose meaning depends on the block's kind.
pub const METADATA: usize = 24;

fn append_key(key: u64, key_size: usize, bytes: &mut Vec<u8>) {
    let key = if is_on(Mutation::TableCutsKeys) { key & 0xffff } else { key };
    wide::append_bytes(key, key_size, bytes);
}

fn numbers(numbers: [u32; 4]) -> [u8; METADATA] {
    let mut bytes = [0; METADATA];
    for (place, number) in bytes.chunks_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// The metadata in the header of a value block with `count` records.
#[must_use]
pub fn value_metadata(geometry: &Geometry, count: usize) -> [u8; METADATA] {
    let count = count as u32 + u32::from(is_on(Mutation::TableCountsOneMore));
    numbers([geometry.block_values() as u32, count, geometry.record_size as u32, 0])
}

/// The metadata in the header of an index block of `count` value blocks.
#[must_use]
pub fn index_metadata(geometry: &Geometry, count: usize) -> [u8; METADATA] {
    let (count, count_max) = (count as u32, geometry.blocks() as u32);
    numbers([count, count_max, geometry.key_size as u32, geometry.record_size as u32])
}

/// Used bytes of an index block after its header.
#[must_use]
pub fn index_size(geometry: &Geometry) -> usize {
    geometry.blocks() * geometry.index_entry()
}

/// Appends the bytes of an index block after its header. `references` yields the checksum and the
/// address of each value block.
pub fn append_index(
    geometry: &Geometry,
    table: &Table,
    references: impl Iterator<Item = (u128, u64)> + Clone,
    bytes: &mut Vec<u8>,
) {
    let begin = bytes.len();
    let (count, count_max) = (table.block_count(), geometry.blocks());
    for (checksum, _) in references.clone() {
        bytes.extend_from_slice(&checksum.to_le_bytes());
    }
    let mut end = begin + count_max * 16;
    bytes.resize(end, 0);
    for number in 0..count {
        append_key(table.block(number)[0].key, geometry.key_size, bytes);
    }
    end += count_max * geometry.key_size;
    bytes.resize(end, 0);
    for number in 0..count {
        let block = table.block(number);
        append_key(block[block.len() - 1].key, geometry.key_size, bytes);
    }
    end += count_max * geometry.key_size;
    bytes.resize(end, 0);
    for (_, address) in references {
        bytes.extend_from_slice(&address.to_le_bytes());
    }
    bytes.resize(begin + geometry.block_size - Geometry::HEADER, 0);
}

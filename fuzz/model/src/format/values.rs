//! Reads the value blocks of a table.

use super::block::{Kind, is};
use super::bytes::{Key, are_zero, number, record_key};
use super::entry::Table;
use super::index::Element;
use super::sizes::{HEADER, Sizes};
use super::wrong::Fault;

/// A record of a value block.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its key.
    pub key: Key,
    /// Whether the record is a tombstone.
    pub removed: bool,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Checks a value block against the element of the index that describes it. `block` is the header
/// and the used body of the value block.
///
/// # Errors
///
/// If the block is not a value block, or not the value block of the element.
pub fn check(block: &[u8], sizes: &Sizes, element: &Element) -> Result<(), Fault> {
    check_of(block, sizes, element, |bytes| record_key(bytes, 0, sizes.key))
}

/// As [`check`], for records whose key is computed from their bytes.
///
/// # Errors
///
/// The same as [`check`].
pub fn check_of(
    block: &[u8],
    sizes: &Sizes,
    element: &Element,
    key: impl Fn(&[u8]) -> Key,
) -> Result<(), Fault> {
    let (room, count) = (sizes.records_of_block(), number(block, 44, 4) as usize);
    if !is(block, Kind::Value, sizes.tree)
        || [number(block, 40, 4), number(block, 48, 4)] != [room as u64, sizes.record as u64]
        || !(1..=room).contains(&count)
        || !are_zero(&block[52..HEADER])
        || block.len() != HEADER + count * sizes.record
    {
        return Err(Fault::ValuesHeader);
    }
    let mut keys = block[HEADER..].chunks_exact(sizes.record).map(key);
    let first = keys.next();
    let mut last = first;
    for key in keys {
        if last.replace(key) >= Some(key) {
            return Err(Fault::RecordOrder);
        }
    }
    if (first, last) != (Some(element.key_min), Some(element.key_max)) {
        return Err(Fault::ValuesDiffer);
    }
    Ok(())
}

/// Checks what only a merge of the table checks, not a read: that value block number `place` has
/// the snapshot of the table, and as many records as its place requires.
///
/// # Errors
///
/// If it does not have them.
pub fn check_merge(block: &[u8], sizes: &Sizes, table: &Table, place: usize) -> Result<(), Fault> {
    if number(block, 24, 8) != table.snapshot {
        return Err(Fault::Snapshot);
    }
    let room = sizes.records_of_block();
    let due = (table.records as usize).saturating_sub(place * room).min(room);
    if number(block, 44, 4) as usize == due { Ok(()) } else { Err(Fault::Count) }
}

/// The records of a value block, in their order.
pub fn records<'a>(block: &'a [u8], sizes: &Sizes) -> impl Iterator<Item = Record<'a>> {
    let key_size = sizes.key;
    block[HEADER..].chunks(sizes.record).map(move |bytes| Record {
        key: record_key(bytes, 0, key_size),
        // The highest bit of the 8 bytes after the key marks a tombstone.
        removed: number(bytes, key_size, 8) >> 63 == 1,
        bytes,
    })
}

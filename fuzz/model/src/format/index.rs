//! Reads the index block of a table.

use super::block::{Kind, Reference, is};
use super::bytes::{Key, are_zero, key, number};
use super::entry::Table;
use super::sizes::{HEADER, Sizes};
use super::wrong::Fault;

/// An element of an index: it describes a value block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// The value block.
    pub reference: Reference,
    /// The first key of the value block.
    pub key_min: Key,
    /// The last key of the value block.
    pub key_max: Key,
}

/// Reads the elements of the index of `table`, in the order of their keys. `block` is the header
/// and the used body of the index block.
///
/// # Errors
///
/// If the block is not an index, or not the index of the table.
pub fn read(block: &[u8], sizes: &Sizes, table: &Table) -> Result<Vec<Element>, Fault> {
    let (count, max) = (number(block, 40, 4) as usize, sizes.values_max());
    let header = [number(block, 44, 4), number(block, 48, 4), number(block, 52, 4)];
    if !is(block, Kind::Index, sizes.tree)
        || header != [max as u64, sizes.key as u64, sizes.record as u64]
        || !(1..=max).contains(&count)
        || !are_zero(&block[56..HEADER])
        || block.len() != HEADER + sizes.index_size()
    {
        return Err(Fault::IndexHeader);
    }
    let at = |array, place| sizes.index_element(array, place);
    let elements: Vec<_> = (0..count)
        .map(|place| {
            let [key_min, key_max] = [1, 2].map(|array| key(block, at(array, place), sizes.key));
            Element {
                reference: Reference::at(block, at(0, place), at(3, place)),
                key_min,
                key_max,
            }
        })
        .collect();
    let ascend = elements.windows(2).all(|pair| pair[0].key_max < pair[1].key_min);
    let are_valid = |it: &Element| it.reference.address != 0 && it.key_min <= it.key_max;
    if !ascend || !elements.iter().all(are_valid) {
        return Err(Fault::IndexOrder);
    }
    if (0..4).any(|array| !are_zero(&block[at(array, count)..at(array, max)])) {
        return Err(Fault::IndexUnused);
    }
    let differs = count as u64 != table.records.div_ceil(sizes.records_of_block() as u64)
        || (elements[0].key_min, elements[count - 1].key_max) != (table.key_min, table.key_max)
        || number(block, 24, 8) != table.snapshot;
    if differs { Err(Fault::IndexDiffers) } else { Ok(elements) }
}

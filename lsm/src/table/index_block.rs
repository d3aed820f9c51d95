//! An index block: the references to the value blocks of a table, and their first and last keys.
//!
//! ```text
//! a block of kind Index, for `count` value blocks, of at most `max`
//!   tree       the number of the table's tree, from 1
//!   snapshot   the first snapshot that sees the table, from 1
//!   metadata   offset  size  field
//!                   0     4  count
//!                   4     4  max
//!                   8     4  key size
//!                  12     4  record size
//!                  16     8  zero
//!   body       size             field
//!              max * 16         checksum  of each value block
//!              max * key size   key_min   the first key of each value block
//!              max * key size   key_max   the last key of each value block
//!              max * 8          address   of each value block
//! ```
//!
//! - In each of the four arrays the used entries come first; the others are zero.
//! - `key_min[i] <= key_max[i] < key_min[i + 1]`. A key between two value blocks is in no block.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use zerocopy::little_endian::{U32, U64, U128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, transmute};

use super::search::partition_point;
use super::{TableLayout, ValueBlock};
use crate::block::{BlockKind, BlockReference, Contents, METADATA_SIZE, Reason, is_zero};
use crate::manifest::KeyRange;
use crate::record::{Key, Record};

/// The metadata in the header of an index block, as it is on disk.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Metadata {
    value_block_count: U32,
    value_block_count_max: U32,
    key_size: U32,
    record_size: U32,
    padding: [u8; 8],
}

const _: () = assert!(size_of::<Metadata>() == METADATA_SIZE);

/// The entry of a value block in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry<K> {
    /// The reference to the value block.
    pub reference: BlockReference,
    /// The first key of the value block.
    pub key_min: K,
    /// The last key of the value block.
    pub key_max: K,
}

impl<K: Key> IndexEntry<K> {
    /// Decodes the value block of this entry, and checks its first and its last key. Takes constant
    /// time.
    ///
    /// # Errors
    ///
    /// If the block is not a value block of a table of this tree and layout, or if its first or
    /// last key differs from the entry.
    ///
    /// # Panics
    ///
    /// The same as [`ValueBlock::decode`].
    #[inline]
    pub fn value_block<'b, R: Record<Key = K>>(
        &self,
        layout: &TableLayout,
        tree: u16,
        contents: &Contents,
        body: &'b [u8],
    ) -> Result<ValueBlock<'b, R>, Reason> {
        let block = ValueBlock::<R>::decode(layout, tree, contents, body)?;
        if block.key_min() != self.key_min {
            return Err(Reason::Meaning("the first key of a value block differs from the index"));
        }
        if block.key_max() != self.key_max {
            return Err(Reason::Meaning("the last key of a value block differs from the index"));
        }
        Ok(block)
    }
}

/// The offsets of the arrays in a body.
struct Arrays {
    key_min: usize,
    key_max: usize,
    address: usize,
    end: usize,
}

impl Arrays {
    #[inline]
    fn of(layout: &TableLayout) -> Self {
        let count_max = layout.value_block_count_max() as usize;
        let key_min = count_max * size_of::<U128>();
        let key_max = key_min + count_max * layout.key_size();
        let address = key_max + count_max * layout.key_size();
        Self { key_min, key_max, address, end: address + count_max * size_of::<U64>() }
    }
}

/// An index block, read in place.
#[derive(Clone, Copy)]
pub struct IndexBlock<'a, K> {
    snapshot: u64,
    checksums: &'a [U128],
    /// Keys of `K::SIZE` bytes each.
    key_mins: &'a [u8],
    key_maxs: &'a [u8],
    addresses: &'a [U64],
    /// The number of used entries: at least 1, at most the length of each array.
    count: usize,
    keys: PhantomData<K>,
}

impl<'a, K: Key> IndexBlock<'a, K> {
    /// Decodes the index block of a table of this tree. Takes constant time.
    ///
    /// # Errors
    ///
    /// If the block is not the index block of a table of this tree and layout.
    ///
    /// # Panics
    ///
    /// If `K` is not the key of the layout.
    #[inline]
    pub fn decode(
        layout: &TableLayout,
        tree: u16,
        contents: &Contents,
        body: &'a [u8],
    ) -> Result<Self, Reason> {
        layout.assert_key::<K>();
        if contents.kind != BlockKind::Index {
            return Err(Reason::Kind);
        }
        if contents.tree != tree {
            return Err(Reason::Meaning("the index belongs to another tree"));
        }
        let metadata: Metadata = transmute!(contents.metadata);
        let Metadata { value_block_count, value_block_count_max, key_size, record_size, padding } =
            metadata;
        if value_block_count_max.get() != layout.value_block_count_max()
            || key_size.get() as usize != layout.key_size()
            || record_size.get() as usize != layout.record_size()
        {
            return Err(Reason::Meaning("the index belongs to a table of other sizes"));
        }
        if value_block_count.get() == 0 || value_block_count > value_block_count_max {
            return Err(Reason::Meaning("the index has no value block, or more than fit"));
        }
        if padding != [0; _] {
            return Err(Reason::Padding);
        }
        if contents.snapshot == 0 {
            return Err(Reason::Meaning("the table has no snapshot"));
        }
        if body.len() != layout.index_body_size() {
            return Err(Reason::Meaning("the index block has the wrong body size"));
        }
        let arrays = Arrays::of(layout);
        let (Ok(checksums), Ok(addresses)) = (
            <[U128]>::ref_from_bytes(&body[..arrays.key_min]),
            <[U64]>::ref_from_bytes(&body[arrays.address..arrays.end]),
        ) else {
            unreachable!("index_block: the arrays are whole, and numbers need no alignment");
        };
        Ok(Self {
            snapshot: contents.snapshot,
            checksums,
            key_mins: &body[arrays.key_min..arrays.key_max],
            key_maxs: &body[arrays.key_max..arrays.address],
            addresses,
            count: value_block_count.get() as usize,
            keys: PhantomData,
        })
    }

    /// The number of value blocks of the table, 1 or more.
    #[must_use]
    #[inline]
    pub fn value_block_count(&self) -> usize {
        self.count
    }

    /// The first snapshot that sees the table, from 1.
    #[must_use]
    #[inline]
    pub fn snapshot(&self) -> u64 {
        self.snapshot
    }

    /// The first key of value block `number`.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[must_use]
    #[inline]
    pub fn key_min(&self, number: usize) -> K {
        self.assert_used(number);
        key(self.key_mins, number)
    }

    /// The last key of value block `number`.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[must_use]
    #[inline]
    pub fn key_max(&self, number: usize) -> K {
        self.assert_used(number);
        key(self.key_maxs, number)
    }

    /// The reference to value block `number`.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[must_use]
    #[inline]
    pub fn reference(&self, number: usize) -> BlockReference {
        self.assert_used(number);
        BlockReference {
            checksum: self.checksums[number].get(),
            address: self.addresses[number].get(),
        }
    }

    /// The entry of value block `number`.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[must_use]
    #[inline]
    pub fn entry(&self, number: usize) -> IndexEntry<K> {
        IndexEntry {
            reference: self.reference(number),
            key_min: self.key_min(number),
            key_max: self.key_max(number),
        }
    }

    /// The number of the only value block that may contain the key `wanted`. `None` if no value
    /// block has `wanted` in its key range.
    #[must_use]
    #[inline]
    pub fn find(&self, wanted: K) -> Option<usize> {
        let number = partition_point(self.count, |number| key::<K>(self.key_maxs, number) < wanted);
        (number < self.count && self.key_min(number) <= wanted).then_some(number)
    }

    /// The numbers of the value blocks whose key ranges overlap `range`. Empty if there are none.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`.
    #[must_use]
    #[inline]
    pub fn overlapping(&self, range: &KeyRange<K>) -> Range<usize> {
        let KeyRange { min, max } = *range;
        assert!(min <= max, "index_block: a range must have a key ({min:?}, {max:?})");
        let first = partition_point(self.count, |number| key::<K>(self.key_maxs, number) < min);
        let left = self.count - first;
        // Often all other blocks overlap, because a scan is open at its end.
        let overlaps_all = left == 0 || self.key_min(self.count - 1) <= max;
        let count = if overlaps_all {
            left
        } else {
            partition_point(left, |number| key::<K>(self.key_mins, first + number) <= max)
        };
        first..first + count
    }

    /// Checks the whole index. Takes time proportional to the size of the block.
    ///
    /// # Errors
    ///
    /// Returns the reason why the index is invalid, if it is.
    pub fn check(&self) -> Result<(), Reason> {
        for number in 0..self.count {
            let IndexEntry { reference, key_min, key_max } = self.entry(number);
            if reference.address == 0 {
                return Err(Reason::Meaning("the index refers to a block without address"));
            }
            if key_min > key_max {
                return Err(Reason::Meaning(
                    "the index has a value block that ends before it begins",
                ));
            }
            if number > 0 && self.key_max(number - 1) >= key_min {
                return Err(Reason::Meaning("the index has value blocks whose keys do not ascend"));
            }
        }
        let keys = self.count * K::SIZE;
        let unused = [
            self.checksums[self.count..].as_bytes(),
            &self.key_mins[keys..],
            &self.key_maxs[keys..],
            self.addresses[self.count..].as_bytes(),
        ];
        if !unused.into_iter().all(is_zero) {
            return Err(Reason::Padding);
        }
        Ok(())
    }

    #[inline]
    fn assert_used(&self, number: usize) {
        let count = self.count;
        assert!(number < count, "index_block: a value block must be used ({number} of {count})");
    }
}

impl<K: Key> fmt::Debug for IndexBlock<'_, K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IndexBlock")
            .field("snapshot", &self.snapshot)
            .field("value_block_count", &self.count)
            .field("key_min", &self.key_min(0))
            .field("key_max", &self.key_max(self.count - 1))
            .finish_non_exhaustive()
    }
}

#[inline]
fn key<K: Key>(keys: &[u8], number: usize) -> K {
    K::load(&keys[number * K::SIZE..][..K::SIZE])
}

/// The contents of the header of an index block.
pub(super) fn contents(
    layout: &TableLayout,
    tree: u16,
    snapshot: u64,
    value_block_count: u32,
) -> Contents {
    let metadata = Metadata {
        value_block_count: U32::new(value_block_count),
        value_block_count_max: U32::new(layout.value_block_count_max()),
        key_size: U32::new(layout.key_size() as u32),
        record_size: U32::new(layout.record_size() as u32),
        padding: [0; _],
    };
    Contents {
        kind: BlockKind::Index,
        tree,
        snapshot,
        metadata: transmute!(metadata),
        body_size: layout.index_body_size(),
    }
}

/// Writes the entry of a value block into the body of an index block.
pub(super) fn write_entry<K: Key>(
    layout: &TableLayout,
    body: &mut [u8],
    number: usize,
    entry: &IndexEntry<K>,
) {
    let IndexEntry { reference, key_min, key_max } = entry;
    let arrays = Arrays::of(layout);
    let place = |array: usize, size: usize| array + number * size..array + (number + 1) * size;
    body[place(0, size_of::<U128>())].copy_from_slice(&reference.checksum.to_le_bytes());
    key_min.store(&mut body[place(arrays.key_min, K::SIZE)]);
    key_max.store(&mut body[place(arrays.key_max, K::SIZE)]);
    body[place(arrays.address, size_of::<U64>())].copy_from_slice(&reference.address.to_le_bytes());
}

/// Writes zeros after the first `count` entries of each array, and after the arrays.
pub(super) fn clear_unused(layout: &TableLayout, body: &mut [u8], count: usize) {
    let arrays = Arrays::of(layout);
    body[count * size_of::<U128>()..arrays.key_min].fill(0);
    body[arrays.key_min + count * layout.key_size()..arrays.key_max].fill(0);
    body[arrays.key_max + count * layout.key_size()..arrays.address].fill(0);
    body[arrays.address + count * size_of::<U64>()..].fill(0);
}

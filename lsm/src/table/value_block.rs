//! A value block: records of a table.
//!
//! ```text
//! a block of kind Value, with `count` records, of at most `max`
//!   tree       the number of the table's tree, from 1
//!   snapshot   the first snapshot that sees the table, from 1
//!   metadata   offset  size  field
//!                   0     4  max
//!                   4     4  count
//!                   8     4  record size
//!                  12    12  zero
//!   body       count records
//! ```
//!
//! - The keys of the records ascend strictly.
//! - Records are read in place, without a copy.

use std::ops::Range;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, transmute};

use super::TableLayout;
use super::search::partition_point;
use crate::block::{BlockKind, Contents, METADATA_SIZE, Reason};
use crate::manifest::KeyRange;
use crate::record::Record;

/// The metadata in the header of a value block, as it is on disk.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Metadata {
    value_count_max: U32,
    value_count: U32,
    record_size: U32,
    padding: [u8; 12],
}

const _: () = assert!(size_of::<Metadata>() == METADATA_SIZE);

/// A value block, read in place.
#[derive(Clone, Copy, Debug)]
pub struct ValueBlock<'a, R> {
    snapshot: u64,
    /// At least one.
    records: &'a [R],
}

impl<'a, R: Record> ValueBlock<'a, R> {
    /// Decodes a value block of this tree. Takes constant time.
    ///
    /// # Errors
    ///
    /// If the block is not a value block of a table of this tree and layout.
    ///
    /// # Panics
    ///
    /// If `R` is not the record of the layout, or the body does not have the alignment of `R`. The
    /// body of a block at the start of a [`Buffer`](crate::storage::Buffer) has it.
    #[inline]
    pub fn decode(
        layout: &TableLayout,
        tree: u16,
        contents: &Contents,
        body: &'a [u8],
    ) -> Result<Self, Reason> {
        layout.assert_record::<R>();
        if contents.kind != BlockKind::Value {
            return Err(Reason::Kind);
        }
        if contents.tree != tree {
            return Err(Reason::Meaning("the records belong to another tree"));
        }
        let metadata: Metadata = transmute!(contents.metadata);
        let Metadata { value_count_max, value_count, record_size, padding } = metadata;
        if value_count_max.get() != layout.block_value_count_max()
            || record_size.get() as usize != layout.record_size()
        {
            return Err(Reason::Meaning("the records belong to a table of other sizes"));
        }
        if value_count.get() == 0 || value_count > value_count_max {
            return Err(Reason::Meaning("the block has no record, or more than fit"));
        }
        if padding != [0; _] {
            return Err(Reason::Padding);
        }
        if contents.snapshot == 0 {
            return Err(Reason::Meaning("the table has no snapshot"));
        }
        if body.len() != value_count.get() as usize * size_of::<R>() {
            return Err(Reason::Meaning("the block has more or fewer bytes than its records"));
        }
        let Ok(records) = <[R]>::ref_from_bytes(body) else {
            panic!("value_block: a body must be aligned as its records ({})", align_of::<R>());
        };
        Ok(Self { snapshot: contents.snapshot, records })
    }

    /// The records, at least one.
    #[must_use]
    #[inline]
    pub fn records(&self) -> &'a [R] {
        self.records
    }

    /// The first snapshot that sees the table, from 1.
    #[must_use]
    #[inline]
    pub fn snapshot(&self) -> u64 {
        self.snapshot
    }

    /// The first key.
    #[must_use]
    #[inline]
    pub fn key_min(&self) -> R::Key {
        self.records[0].key()
    }

    /// The last key.
    #[must_use]
    #[inline]
    pub fn key_max(&self) -> R::Key {
        self.records[self.records.len() - 1].key()
    }

    /// The number of records with keys below this one.
    #[must_use]
    #[inline]
    pub fn lower_bound(&self, key: R::Key) -> usize {
        partition_point(self.records.len(), |index| self.records[index].key() < key)
    }

    /// The record of this key, which may be a tombstone.
    #[must_use]
    #[inline]
    pub fn find(&self, key: R::Key) -> Option<&'a R> {
        self.records.get(self.lower_bound(key)).filter(|record| record.key() == key)
    }

    /// The records with keys in the range, both ends included.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`.
    #[must_use]
    #[inline]
    pub fn range(&self, range: &KeyRange<R::Key>) -> &'a [R] {
        &self.records[indices_in(self.records, range)]
    }

    /// Checks that the keys ascend strictly. Takes time proportional to the number of records.
    ///
    /// # Errors
    ///
    /// If the keys do not ascend strictly.
    pub fn check(&self) -> Result<(), Reason> {
        if self.records.is_sorted_by(|one, next| one.key() < next.key()) {
            Ok(())
        } else {
            Err(Reason::Meaning("the keys of the records do not ascend"))
        }
    }
}

/// The contents of the header of a value block.
pub(super) fn contents(
    layout: &TableLayout,
    tree: u16,
    snapshot: u64,
    value_count: u32,
) -> Contents {
    let metadata = Metadata {
        value_count_max: U32::new(layout.block_value_count_max()),
        value_count: U32::new(value_count),
        record_size: U32::new(layout.record_size() as u32),
        padding: [0; _],
    };
    Contents {
        kind: BlockKind::Value,
        tree,
        snapshot,
        metadata: transmute!(metadata),
        body_size: value_count as usize * layout.record_size(),
    }
}

/// The indices of the records of a value block with keys in the range, both ends included.
///
/// The first and the last record are compared first: a scan needs most blocks from end to end.
///
/// # Panics
///
/// If the range's `min` is above its `max`.
#[inline]
pub(crate) fn indices_in<R: Record>(records: &[R], range: &KeyRange<R::Key>) -> Range<usize> {
    let KeyRange { min, max } = *range;
    assert!(min <= max, "value_block: a range must have a key ({min:?}, {max:?})");
    let start = match records.first() {
        Some(first) if first.key() < min => {
            partition_point(records.len(), |index| records[index].key() < min)
        }
        _ => 0,
    };
    let records = &records[start..];
    let count = match records.last() {
        Some(last) if last.key() > max => {
            partition_point(records.len(), |index| records[index].key() <= max)
        }
        _ => records.len(),
    };
    start..start + count
}

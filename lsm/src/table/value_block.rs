//! Records of a table.
//!
//! ```text
//! a block of kind Value; `max` is the records of a full one, `count` the used ones
//!   tree       that of the table, from 1
//!   snapshot   the first that the table is visible to, from 1
//!   metadata   offset  size  field
//!                   0     4  max
//!                   4     4  count
//!                   8     4  record size
//!                  12    12  zero
//!   body       count records
//! ```
//!
//! - The keys of the records ascend strictly.
//! - Records are read where they lie: nothing is copied.
//!
//! What this does not do: it does not know which value block of its table it is.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, transmute};

use super::TableLayout;
use crate::block::{BlockKind, Contents, METADATA_SIZE, Reason};
use crate::manifest::KeyRange;
use crate::record::Record;

/// What the header of a value block says, as it is on disk.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Metadata {
    value_count_max: U32,
    value_count: U32,
    record_size: U32,
    padding: [u8; 12],
}

const _: () = assert!(size_of::<Metadata>() == METADATA_SIZE);

/// Records of a table, where they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct ValueBlock<'a, R> {
    snapshot: u64,
    /// One or more.
    records: &'a [R],
}

impl<'a, R: Record> ValueBlock<'a, R> {
    /// The records in a block of this tree. Takes constant time.
    ///
    /// # Errors
    ///
    /// If it has none, or is not that of a table of this layout.
    ///
    /// # Panics
    ///
    /// If the records are not those of the layout, or the body is not aligned as they are: that of a block
    /// which begins a [`Buffer`](crate::storage::Buffer) is.
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
            return Err(Reason::Meaning("the records are those of another tree"));
        }
        let metadata: Metadata = transmute!(contents.metadata);
        let Metadata { value_count_max, value_count, record_size, padding } = metadata;
        if value_count_max.get() != layout.block_value_count_max()
            || record_size.get() as usize != layout.record_size()
        {
            return Err(Reason::Meaning("the records are those of a table of other sizes"));
        }
        if value_count.get() == 0 || value_count > value_count_max {
            return Err(Reason::Meaning("there is no record, or more than there can be"));
        }
        if padding != [0; _] {
            return Err(Reason::Padding);
        }
        if contents.snapshot == 0 {
            return Err(Reason::Meaning("the table is of no snapshot"));
        }
        if body.len() != value_count.get() as usize * size_of::<R>() {
            return Err(Reason::Meaning("there are more or fewer bytes than those of the records"));
        }
        let Ok(records) = <[R]>::ref_from_bytes(body) else {
            panic!("value_block: a body must be aligned as its records ({})", align_of::<R>());
        };
        Ok(Self { snapshot: contents.snapshot, records })
    }

    /// The records, one or more.
    #[must_use]
    #[inline]
    pub fn records(&self) -> &'a [R] {
        self.records
    }

    /// The first snapshot that the table is visible to, from 1.
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

    /// The records before those of this key and larger ones.
    #[must_use]
    #[inline]
    pub fn lower_bound(&self, key: R::Key) -> usize {
        self.records.partition_point(|record| record.key() < key)
    }

    /// The record of this key, which may be a tombstone.
    #[must_use]
    #[inline]
    pub fn find(&self, key: R::Key) -> Option<&'a R> {
        self.records.get(self.lower_bound(key)).filter(|record| record.key() == key)
    }

    /// The records of the keys in the range, both ends included.
    ///
    /// # Panics
    ///
    /// If the range is none.
    #[must_use]
    #[inline]
    pub fn range(&self, range: &KeyRange<R::Key>) -> &'a [R] {
        let KeyRange { min, max } = *range;
        assert!(min <= max, "value_block: a range must have a key ({min:?}, {max:?})");
        let records = &self.records[self.lower_bound(min)..];
        &records[..records.partition_point(|record| record.key() <= max)]
    }

    /// Whether the keys ascend. Takes time in proportion to the records.
    ///
    /// # Errors
    ///
    /// If they do not.
    pub fn check(&self) -> Result<(), Reason> {
        if self.records.is_sorted_by(|one, next| one.key() < next.key()) {
            Ok(())
        } else {
            Err(Reason::Meaning("the keys of the records do not ascend"))
        }
    }
}

/// What the header of a value block says.
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

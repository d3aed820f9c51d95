//! Builds a table from records in the order of their keys.
//!
//! ```text
//! set_index_block
//!     |
//!     v
//! set_value_block <-----------------+
//!     |                             | more records
//!     v                             |
//! room, advance                     |
//!     |                             |
//!     v                             |
//! finish_value_block --> value_block_written --> finish_index_block --> table_written
//! ```
//!
//! - The caller writes records directly into the block, so they are not copied again.
//! - Every value block except the last must be full. The caller finishes each block, because only
//!   the caller knows which block is the last.
//! - Unused bytes of a block are zero, whatever the buffer contained before, so equal tables give
//!   equal bytes.
//! - The builder holds at most two buffers: one for the index block, one for a value block.
//!
//! The builder writes nothing to the device. It hands out blocks. The caller writes each block, and
//! gives its reference to the builder.

use std::fmt;
use std::marker::PhantomData;
use std::mem;

use zerocopy::FromBytes;

use super::{IndexEntry, TableLayout, index_block, value_block};
use crate::block::{BODY_OFFSET, BlockReference, Contents};
use crate::check::verify;
use crate::manifest::{SNAPSHOT_LATEST, SNAPSHOT_OPEN, TableInfo};
use crate::record::{Record, assert_record_layout};
use crate::storage::Buffer;

/// Builds tables, one after the other, from records in the order of their keys.
///
/// The caller provides a buffer for the index block, then buffers for value blocks, and fills the
/// value blocks with records. The builder hands out each finished block. The caller writes it and
/// gives its reference to the builder. The index block is the last block; its reference completes
/// the table.
pub struct TableBuilder<R: Record> {
    layout: TableLayout,
    tree: u16,
    stage: BuildStage,
    /// The first snapshot that sees the table; 0 without an index block.
    snapshot: u64,
    /// The records in the value block.
    block_value_count: u32,
    /// The first key of the value block, if it has a record or is finished.
    block_key_min: Option<R::Key>,
    /// The number of value blocks that are written.
    value_block_count: u32,
    /// The records in the value blocks that are written.
    value_count: u32,
    /// The first and the last key of the table so far.
    key_min: Option<R::Key>,
    key_max: Option<R::Key>,
    records: PhantomData<R>,
}

/// The blocks that the builder holds. They decide which call comes next.
enum BuildStage {
    Empty,
    Index {
        index: Buffer,
    },
    IndexAndValue {
        index: Buffer,
        value: Buffer,
    },
    /// The value block was handed out; its reference is awaited.
    ValueFinished {
        index: Buffer,
    },
    /// The index block was handed out; its reference is awaited.
    IndexFinished,
}

impl BuildStage {
    fn name(&self) -> &'static str {
        match self {
            Self::Empty => "without blocks",
            Self::Index { .. } => "with an index block",
            Self::IndexAndValue { .. } => "with an index and a value block",
            Self::ValueFinished { .. } => "awaiting the reference of a value block",
            Self::IndexFinished => "awaiting the reference of a table",
        }
    }
}

impl<R: Record> TableBuilder<R> {
    /// A builder of tables of this layout, for this tree.
    ///
    /// # Panics
    ///
    /// If `R` is not the record of the layout, or the tree is 0.
    #[must_use]
    pub fn new(layout: &TableLayout, tree: u16) -> Self {
        const { assert_record_layout::<R>() };
        layout.assert_record::<R>();
        assert!(tree > 0, "table_builder: a tree must have a number from 1");
        Self {
            layout: *layout,
            tree,
            stage: BuildStage::Empty,
            snapshot: 0,
            block_value_count: 0,
            block_key_min: None,
            value_block_count: 0,
            value_count: 0,
            key_min: None,
            key_max: None,
            records: PhantomData,
        }
    }

    /// The layout of the tables.
    #[must_use]
    pub fn layout(&self) -> &TableLayout {
        &self.layout
    }

    /// Begins a table that is visible from this snapshot on. The contents of the buffer do not
    /// matter.
    ///
    /// # Panics
    ///
    /// If a table has begun, if the buffer does not have the size of a block, or if the snapshot is
    /// 0 or not below [`SNAPSHOT_LATEST`].
    pub fn set_index_block(&mut self, buffer: Buffer, snapshot: u64) {
        self.assert_stage(matches!(self.stage, BuildStage::Empty), "an index block begins a table");
        self.assert_block(&buffer);
        assert!(
            (1..SNAPSHOT_LATEST).contains(&snapshot),
            "table_builder: a table must come from a commit (snapshot {snapshot})",
        );
        self.snapshot = snapshot;
        self.stage = BuildStage::Index { index: buffer };
    }

    /// Provides a buffer for the next value block. Its contents do not matter.
    ///
    /// # Panics
    ///
    /// If the builder has a value block, or no index block; if the table is full; if the previous
    /// value block was not full; or if the buffer is not one block.
    pub fn set_value_block(&mut self, buffer: Buffer) {
        self.assert_block(&buffer);
        assert!(!self.index_is_full(), "table_builder: a full table must be finished");
        let full = self.value_block_count * self.layout.block_value_count_max();
        let value_count = self.value_count;
        assert!(
            value_count == full,
            "table_builder: value blocks before the last must be full ({value_count} of {full})",
        );
        match mem::replace(&mut self.stage, BuildStage::Empty) {
            BuildStage::Index { index } => {
                self.stage = BuildStage::IndexAndValue { index, value: buffer }
            }
            stage => refuse(&stage, "a value block follows the index block"),
        }
    }

    /// Whether the builder needs an index block next.
    #[must_use]
    #[inline]
    pub fn needs_index_block(&self) -> bool {
        matches!(self.stage, BuildStage::Empty)
    }

    /// Whether the builder has a value block, so that records can be written.
    #[must_use]
    #[inline]
    pub fn has_value_block(&self) -> bool {
        matches!(self.stage, BuildStage::IndexAndValue { .. })
    }

    /// The unused part of the value block, for the caller to fill; empty if the block is full. A
    /// record belongs to the table once [`TableBuilder::advance`] has counted it. The contents of
    /// the unused part are unspecified.
    ///
    /// # Panics
    ///
    /// If there is no value block.
    #[must_use]
    #[inline]
    pub fn room(&mut self) -> &mut [R] {
        let body_size = self.layout.block_value_count_max() as usize * size_of::<R>();
        let used = self.block_value_count as usize * size_of::<R>();
        let value = match &mut self.stage {
            BuildStage::IndexAndValue { value, .. } => value,
            stage => refuse(stage, "records go into a value block"),
        };
        let room = &mut value.bytes_mut()[BODY_OFFSET..][used..body_size];
        let Ok(room) = <[R]>::mut_from_bytes(room) else {
            unreachable!("table_builder: room is for whole records, and aligned");
        };
        room
    }

    /// Adds the first `count` records of [`TableBuilder::room`] to the table.
    ///
    /// # Panics
    ///
    /// If there is no value block, if `count` exceeds the length of the unused part, or if the
    /// first key is not above the last key of the table.
    #[inline]
    pub fn advance(&mut self, count: usize) {
        let key_before = self.key_max;
        let room = self.room();
        let left = room.len();
        assert!(count <= left, "table_builder: records must fit ({count}, of {left})");
        let records = &room[..count];
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
        let (key_first, key_last) = (first.key(), last.key());
        assert!(
            key_before.is_none_or(|before| before < key_first),
            "table_builder: keys must ascend ({key_before:?}, then {key_first:?})",
        );
        verify!(assert!(
            records.is_sorted_by(|one, next| one.key() < next.key()),
            "table_builder: the keys of records must ascend",
        ));
        self.key_min.get_or_insert(key_first);
        self.block_key_min.get_or_insert(key_first);
        self.key_max = Some(key_last);
        // A block has fewer than 2^32 records.
        self.block_value_count += count as u32;
    }

    /// The number of records in the value block; 0 without one.
    #[must_use]
    #[inline]
    pub fn block_value_count(&self) -> u32 {
        self.block_value_count
    }

    /// The number of value blocks of the table that are written.
    #[must_use]
    #[inline]
    pub fn value_block_count(&self) -> u32 {
        self.value_block_count
    }

    /// The number of records of the table so far.
    #[must_use]
    #[inline]
    pub fn value_count(&self) -> u32 {
        self.value_count + self.block_value_count
    }

    /// Whether the value block has no record, or there is no value block.
    #[must_use]
    #[inline]
    pub fn value_block_is_empty(&self) -> bool {
        self.block_value_count == 0
    }

    /// Whether the value block is full and must be finished.
    #[must_use]
    #[inline]
    pub fn value_block_is_full(&self) -> bool {
        self.block_value_count == self.layout.block_value_count_max()
    }

    /// Whether the table has the maximum number of value blocks and must be finished.
    #[must_use]
    #[inline]
    pub fn index_is_full(&self) -> bool {
        self.value_block_count == self.layout.value_block_count_max()
    }

    /// Whether the table has no record yet.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.value_count() == 0
    }

    /// Hands out the value block, to be written. Call [`TableBuilder::value_block_written`] next.
    ///
    /// # Panics
    ///
    /// If there is no value block, or it has no record.
    #[must_use]
    pub fn finish_value_block(&mut self) -> (Contents, Buffer) {
        let Self { layout, tree, snapshot, block_value_count, .. } = *self;
        assert!(block_value_count > 0, "table_builder: a value block must have a record");
        let (index, mut value) = match mem::replace(&mut self.stage, BuildStage::Empty) {
            BuildStage::IndexAndValue { index, value } => (index, value),
            stage => refuse(&stage, "only a value block can be finished"),
        };
        let contents = value_block::contents(&layout, tree, snapshot, block_value_count);
        value.bytes_mut()[BODY_OFFSET + contents.body_size..].fill(0);
        self.stage = BuildStage::ValueFinished { index };
        (contents, value)
    }

    /// Takes the reference to the value block that was handed out.
    ///
    /// # Panics
    ///
    /// If no value block was handed out, or the reference has no address.
    pub fn value_block_written(&mut self, reference: BlockReference) {
        assert_reference(reference);
        let mut index = match mem::replace(&mut self.stage, BuildStage::Empty) {
            BuildStage::ValueFinished { index } => index,
            stage => refuse(&stage, "a value block must be finished before its reference is taken"),
        };
        let (Some(key_min), Some(key_max)) = (self.block_key_min.take(), self.key_max) else {
            unreachable!("table_builder: a value block that is finished has a record");
        };
        let entry = IndexEntry { reference, key_min, key_max };
        let body = &mut index.bytes_mut()[BODY_OFFSET..];
        index_block::write_entry(&self.layout, body, self.value_block_count as usize, &entry);
        self.value_block_count += 1;
        self.value_count += mem::take(&mut self.block_value_count);
        self.stage = BuildStage::Index { index };
    }

    /// Returns the buffer of the value block if the block has no record. The caller calls this when
    /// there are no more records. `None` if the block has a record, or if there is no value block.
    pub fn take_value_block(&mut self) -> Option<Buffer> {
        if self.block_value_count > 0 {
            return None;
        }
        match mem::replace(&mut self.stage, BuildStage::Empty) {
            BuildStage::IndexAndValue { index, value } => {
                self.stage = BuildStage::Index { index };
                Some(value)
            }
            stage => {
                self.stage = stage;
                None
            }
        }
    }

    /// Hands out the index block, to be written. Call [`TableBuilder::table_written`] next.
    ///
    /// # Panics
    ///
    /// If there is no index block, if no value block was written, or if the builder has a value
    /// block or awaits the reference of one.
    #[must_use]
    pub fn finish_index_block(&mut self) -> (Contents, Buffer) {
        assert!(self.value_block_count > 0, "table_builder: a table must have a value block");
        let mut index = match mem::replace(&mut self.stage, BuildStage::IndexFinished) {
            BuildStage::Index { index } => index,
            stage => refuse(&stage, "a table is finished after its value blocks"),
        };
        let Self { layout, tree, snapshot, value_block_count, .. } = *self;
        let body = &mut index.bytes_mut()[BODY_OFFSET..];
        index_block::clear_unused(&layout, body, value_block_count as usize);
        (index_block::contents(&layout, tree, snapshot, value_block_count), index)
    }

    /// Takes the reference to the index block that was handed out, and returns the table. The
    /// builder is then like a new one.
    ///
    /// # Panics
    ///
    /// If no index block was handed out, or the reference has no address.
    pub fn table_written(&mut self, reference: BlockReference) -> TableInfo<R::Key> {
        assert_reference(reference);
        self.assert_stage(
            matches!(self.stage, BuildStage::IndexFinished),
            "an index block must be finished before its reference is taken",
        );
        let (Some(key_min), Some(key_max)) = (self.key_min, self.key_max) else {
            unreachable!("table_builder: a table that is finished has a record");
        };
        let table = TableInfo {
            key_min,
            key_max,
            checksum: reference.checksum,
            address: reference.address,
            snapshot_min: self.snapshot,
            snapshot_max: SNAPSHOT_OPEN,
            value_count: self.value_count,
        };
        let [None, None] = self.reset() else {
            unreachable!("table_builder: a table that is finished has no buffer");
        };
        table
    }

    /// Abandons the table. Returns the buffers that the builder holds. The builder is then like a
    /// new one.
    pub fn reset(&mut self) -> [Option<Buffer>; 2] {
        let stage = mem::replace(&mut self.stage, BuildStage::Empty);
        *self = Self::new(&self.layout, self.tree);
        match stage {
            BuildStage::Empty | BuildStage::IndexFinished => [None, None],
            BuildStage::Index { index } | BuildStage::ValueFinished { index } => {
                [Some(index), None]
            }
            BuildStage::IndexAndValue { index, value } => [Some(index), Some(value)],
        }
    }

    fn assert_block(&self, buffer: &Buffer) {
        let (length, block_size) = (buffer.bytes().len(), self.layout.block_size());
        assert!(
            length == block_size,
            "table_builder: a buffer must be a block ({length} bytes, not {block_size})",
        );
    }

    fn assert_stage(&self, expected: bool, requirement: &str) {
        if !expected {
            refuse(&self.stage, requirement);
        }
    }
}

impl<R: Record> fmt::Debug for TableBuilder<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TableBuilder")
            .field("tree", &self.tree)
            .field("stage", &self.stage.name())
            .field("snapshot", &self.snapshot)
            .field("value_block_count", &self.value_block_count)
            .field("value_count", &self.value_count())
            .field("key_min", &self.key_min)
            .field("key_max", &self.key_max)
            .finish_non_exhaustive()
    }
}

fn refuse(stage: &BuildStage, requirement: &str) -> ! {
    panic!("table_builder: {requirement} (the builder is {})", stage.name());
}

fn assert_reference(reference: BlockReference) {
    assert!(reference.address > 0, "table_builder: a block must have an address from 1");
}

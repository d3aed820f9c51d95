//! Makes a table of records that come in the order of their keys.
//!
//! ```text
//! set_index_block ---> set_value_block ---> room, advance ---> finish_value_block ---> value_block_written
//!                      ^                                                                  |          |
//!                      +------------------------- more records --------------------------+          |
//!                                                                                                    v
//!                                                       table_written <--- finish_index_block <------+
//! ```
//!
//! - Records are written to where they will lie on the device.
//! - Only the last value block of a table is not full. It is for the caller to see to it: he asks whether one
//!   is full, and he alone knows which is the last.
//! - What is not used of a block is zero, whatever was in the buffer: equal tables are equal bytes.
//! - Two buffers at most are in the builder: one for the index, one for a value block.
//!
//! What this does not do: it does not merge, and it writes nothing. It hands out blocks to be sealed at an
//! address, and is told by which names they can be read.

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

/// Makes tables, one after the other, of records that come in the order of their keys.
///
/// It is given an index block, then value blocks that are filled, handed out to be sealed, and named by those
/// who wrote them; then the index block is handed out and named, which is the table. At most two buffers are in
/// it.
pub struct TableBuilder<R: Record> {
    layout: TableLayout,
    tree: u16,
    stage: Stage,
    /// The first snapshot of the table; 0 without index block.
    snapshot: u64,
    /// Records in the value block.
    block_value_count: u32,
    /// The first key of the value block, if it has a record or is finished.
    block_key_min: Option<R::Key>,
    /// The value blocks that are written.
    value_block_count: u32,
    /// Records of the value blocks that are written.
    value_count: u32,
    /// The first and the last key of the table so far.
    key_min: Option<R::Key>,
    key_max: Option<R::Key>,
    records: PhantomData<R>,
}

/// What the builder holds, and so what comes next.
enum Stage {
    Empty,
    Index {
        index: Buffer,
    },
    IndexAndValue {
        index: Buffer,
        value: Buffer,
    },
    /// The value block was handed out; its name is to come.
    ValueFinished {
        index: Buffer,
    },
    /// The index block was handed out; its name is to come.
    IndexFinished,
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Self::Empty => "without blocks",
            Self::Index { .. } => "with an index block",
            Self::IndexAndValue { .. } => "with an index and a value block",
            Self::ValueFinished { .. } => "with a value block to be named",
            Self::IndexFinished => "with a table to be named",
        }
    }
}

impl<R: Record> TableBuilder<R> {
    /// A builder of tables of this layout, for this tree.
    ///
    /// # Panics
    ///
    /// If the records are not those of the layout, or the tree is 0.
    #[must_use]
    pub fn new(layout: &TableLayout, tree: u16) -> Self {
        const { assert_record_layout::<R>() };
        layout.assert_record::<R>();
        assert!(tree > 0, "table_builder: a tree must have a number from 1");
        Self {
            layout: *layout,
            tree,
            stage: Stage::Empty,
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

    /// What the builder was made with.
    #[must_use]
    pub fn layout(&self) -> &TableLayout {
        &self.layout
    }

    /// Begins a table that is visible from this snapshot on. What is in the buffer does not matter.
    ///
    /// # Panics
    ///
    /// If there is one, the buffer is not one block, or the snapshot is 0 or none of a commit.
    pub fn set_index_block(&mut self, buffer: Buffer, snapshot: u64) {
        self.assert_stage(matches!(self.stage, Stage::Empty), "an index block begins a table");
        self.assert_block(&buffer);
        assert!(
            (1..SNAPSHOT_LATEST).contains(&snapshot),
            "table_builder: a table must come from a commit (snapshot {snapshot})",
        );
        self.snapshot = snapshot;
        self.stage = Stage::Index { index: buffer };
    }

    /// Gives memory for the next value block. What is in it does not matter.
    ///
    /// # Panics
    ///
    /// If there is one, or no index block; if the table is full, or the value block before is not; or if the
    /// buffer is not one block.
    pub fn set_value_block(&mut self, buffer: Buffer) {
        self.assert_block(&buffer);
        assert!(!self.index_is_full(), "table_builder: a full table must be finished");
        let full = self.value_block_count * self.layout.block_value_count_max();
        let value_count = self.value_count;
        assert!(
            value_count == full,
            "table_builder: value blocks before the last must be full ({value_count} of {full})",
        );
        match mem::replace(&mut self.stage, Stage::Empty) {
            Stage::Index { index } => self.stage = Stage::IndexAndValue { index, value: buffer },
            stage => refuse(&stage, "a value block follows the index block"),
        }
    }

    /// Whether the next thing to give is an index block.
    #[must_use]
    #[inline]
    pub fn needs_index_block(&self) -> bool {
        matches!(self.stage, Stage::Empty)
    }

    /// Whether records can be written.
    #[must_use]
    #[inline]
    pub fn has_value_block(&self) -> bool {
        matches!(self.stage, Stage::IndexAndValue { .. })
    }

    /// Where the next records of the value block go; empty if it is full. They count once
    /// [`TableBuilder::advance`] says so; what is there before is meaningless.
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
            Stage::IndexAndValue { value, .. } => value,
            stage => refuse(stage, "records go into a value block"),
        };
        let room = &mut value.bytes_mut()[BODY_OFFSET..][used..body_size];
        let Ok(room) = <[R]>::mut_from_bytes(room) else {
            unreachable!("table_builder: room is for whole records, and aligned");
        };
        room
    }

    /// The first `count` records of [`TableBuilder::room`] were written.
    ///
    /// # Panics
    ///
    /// If there are not as many, or their first key is not above the last one before them.
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

    /// The records that are written in the value block; 0 without one.
    #[must_use]
    #[inline]
    pub fn block_value_count(&self) -> u32 {
        self.block_value_count
    }

    /// The value blocks of the table that are written.
    #[must_use]
    #[inline]
    pub fn value_block_count(&self) -> u32 {
        self.value_block_count
    }

    /// The records of the table so far.
    #[must_use]
    #[inline]
    pub fn value_count(&self) -> u32 {
        self.value_count + self.block_value_count
    }

    /// Whether the value block has no record, as if there is none.
    #[must_use]
    #[inline]
    pub fn value_block_is_empty(&self) -> bool {
        self.block_value_count == 0
    }

    /// Whether the value block has no room, so that it is to be finished.
    #[must_use]
    #[inline]
    pub fn value_block_is_full(&self) -> bool {
        self.block_value_count == self.layout.block_value_count_max()
    }

    /// Whether as many value blocks are written as a table can have, so that it is to be finished.
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

    /// Hands out the value block, to be sealed at an address. [`TableBuilder::value_block_written`] follows.
    ///
    /// # Panics
    ///
    /// If there is none, or it has no record.
    #[must_use]
    pub fn finish_value_block(&mut self) -> (Contents, Buffer) {
        let Self { layout, tree, snapshot, block_value_count, .. } = *self;
        assert!(block_value_count > 0, "table_builder: a value block must have a record");
        let (index, mut value) = match mem::replace(&mut self.stage, Stage::Empty) {
            Stage::IndexAndValue { index, value } => (index, value),
            stage => refuse(&stage, "a value block is finished"),
        };
        let contents = value_block::contents(&layout, tree, snapshot, block_value_count);
        value.bytes_mut()[BODY_OFFSET + contents.body_size..].fill(0);
        self.stage = Stage::ValueFinished { index };
        (contents, value)
    }

    /// The value block that was handed out has this name.
    ///
    /// # Panics
    ///
    /// If none was, or the name has no address.
    pub fn value_block_written(&mut self, reference: BlockReference) {
        assert_name(reference);
        let mut index = match mem::replace(&mut self.stage, Stage::Empty) {
            Stage::ValueFinished { index } => index,
            stage => refuse(&stage, "a value block is named once it is finished"),
        };
        let (Some(key_min), Some(key_max)) = (self.block_key_min.take(), self.key_max) else {
            unreachable!("table_builder: a value block that is finished has a record");
        };
        let entry = IndexEntry { reference, key_min, key_max };
        let body = &mut index.bytes_mut()[BODY_OFFSET..];
        index_block::write_entry(&self.layout, body, self.value_block_count as usize, &entry);
        self.value_block_count += 1;
        self.value_count += mem::take(&mut self.block_value_count);
        self.stage = Stage::Index { index };
    }

    /// Takes the memory of the value block back, if it has no record: nothing more comes.
    pub fn take_value_block(&mut self) -> Option<Buffer> {
        if self.block_value_count > 0 {
            return None;
        }
        match mem::replace(&mut self.stage, Stage::Empty) {
            Stage::IndexAndValue { index, value } => {
                self.stage = Stage::Index { index };
                Some(value)
            }
            stage => {
                self.stage = stage;
                None
            }
        }
    }

    /// Hands out the index block, to be sealed at an address. [`TableBuilder::table_written`] follows.
    ///
    /// # Panics
    ///
    /// If there is none, no value block is written, or one is not.
    #[must_use]
    pub fn finish_index_block(&mut self) -> (Contents, Buffer) {
        assert!(self.value_block_count > 0, "table_builder: a table must have a value block");
        let mut index = match mem::replace(&mut self.stage, Stage::IndexFinished) {
            Stage::Index { index } => index,
            stage => refuse(&stage, "a table is finished once its value blocks are"),
        };
        let Self { layout, tree, snapshot, value_block_count, .. } = *self;
        let body = &mut index.bytes_mut()[BODY_OFFSET..];
        index_block::clear_unused(&layout, body, value_block_count as usize);
        (index_block::contents(&layout, tree, snapshot, value_block_count), index)
    }

    /// The index block that was handed out has this name: what is known of the table. The builder is as new.
    ///
    /// # Panics
    ///
    /// If none was, or the name has no address.
    pub fn table_written(&mut self, reference: BlockReference) -> TableInfo<R::Key> {
        assert_name(reference);
        self.assert_stage(
            matches!(self.stage, Stage::IndexFinished),
            "a table is named once its index block is finished",
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

    /// Gives up the table that is being built. Returns the buffers that are in the builder, which is as new.
    pub fn reset(&mut self) -> [Option<Buffer>; 2] {
        let stage = mem::replace(&mut self.stage, Stage::Empty);
        *self = Self::new(&self.layout, self.tree);
        match stage {
            Stage::Empty | Stage::IndexFinished => [None, None],
            Stage::Index { index } | Stage::ValueFinished { index } => [Some(index), None],
            Stage::IndexAndValue { index, value } => [Some(index), Some(value)],
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

fn refuse(stage: &Stage, requirement: &str) -> ! {
    panic!("table_builder: {requirement} (the builder is {})", stage.name());
}

fn assert_name(reference: BlockReference) {
    assert!(reference.address > 0, "table_builder: a block must have an address from 1");
}

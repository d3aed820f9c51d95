//! The numbers of records and blocks of a table.
//!
//! ```text
//! records of a value block = (block size - header) / record size
//! value blocks of a table  = records of a memtable / records of a value block, rounded up
//! used bytes of an index   = header + value blocks * (16 + 2 * key size + 8)
//! ```
//!
//! - A table on disk is full when all of its value blocks are full. It can hold more records than a
//!   memtable, because the capacity of a memtable need not be a multiple of that of a value block.
//! - A table has fewer than 2^32 records.
//!
//! [`storage::Layout`](crate::storage::Layout) decides where the blocks are on the device.

use std::error::Error;
use std::fmt;

use crate::block::BODY_OFFSET;
use crate::record::{Key, RECORD_SIZE_MAX, RECORD_SIZE_MIN, Record};
use crate::storage::Layout;

/// The bytes that an index block has for each value block, in addition to two keys: a checksum and
/// an address.
const REFERENCE_SIZE: usize = size_of::<u128>() + size_of::<u64>();

/// The sizes of a tree's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableOptions {
    /// The size of a block in bytes: a power of two, from [`Layout::BLOCK_SIZE_MIN`] to
    /// [`Layout::BLOCK_SIZE_MAX`].
    pub block_size: usize,
    /// The size of a record in bytes: a power of two, from [`RECORD_SIZE_MIN`] to
    /// [`RECORD_SIZE_MAX`].
    pub record_size: usize,
    /// The size of a key in bytes: 8, 16 or 32.
    pub key_size: usize,
    /// The maximum number of records of a memtable, 1 or more.
    pub value_count_max: u32,
}

/// The reason why the sizes of tables are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTable {
    /// The block size is invalid.
    BlockSize {
        /// The given size in bytes.
        block_size: usize,
    },
    /// The record size is invalid.
    RecordSize {
        /// The given size in bytes.
        record_size: usize,
    },
    /// The key size is invalid.
    KeySize {
        /// The given size in bytes.
        key_size: usize,
    },
    /// A memtable would hold no record.
    ValueCountMaxZero,
    /// A value block would hold no record.
    RecordOverBlock {
        /// The bytes of a record.
        record_size: usize,
        /// The size of a block without its header, in bytes.
        body_size: usize,
    },
    /// A table would have more value blocks than an index block can refer to.
    IndexOverBlock {
        /// The maximum number of records of a memtable.
        value_count_max: u32,
        /// The largest valid number.
        limit: u32,
    },
    /// A table would have more records than 32 bits can count.
    ValueCountOverLimit {
        /// The maximum number of records of a memtable.
        value_count_max: u32,
    },
}

impl Error for InvalidTable {}

impl fmt::Display for InvalidTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockSize { block_size } => write!(
                formatter,
                "block_size is {block_size}, but tables use the store's blocks: set it to a \
                 power of two from {} to {}",
                Layout::BLOCK_SIZE_MIN,
                Layout::BLOCK_SIZE_MAX,
            ),
            Self::RecordSize { record_size } => write!(
                formatter,
                "record_size is {record_size}, but the records of a block are aligned and have no gaps: set \
                 it to a power of two from {RECORD_SIZE_MIN} to {RECORD_SIZE_MAX}",
            ),
            Self::KeySize { key_size } => write!(
                formatter,
                "key_size is {key_size}, but keys have 64, 128 or 256 bits: set it to 8, 16 or 32",
            ),
            Self::ValueCountMaxZero => formatter.write_str(
                "value_count_max is 0, but a table has a record: set it to the number of records \
                 that a bar writes, at least 1",
            ),
            Self::RecordOverBlock { record_size, body_size } => write!(
                formatter,
                "record_size is {record_size}, but a block has room for {body_size} bytes: set block_size \
                 to at least {}",
                2 * record_size,
            ),
            Self::IndexOverBlock { limit: 0, .. } => formatter.write_str(
                "block_size has no room for the keys, checksum and address of one value block: raise it",
            ),
            Self::IndexOverBlock { value_count_max, limit } => write!(
                formatter,
                "value_count_max is {value_count_max}, but one index block refers to all value blocks: \
                 lower it to at most {limit}, or raise block_size",
            ),
            Self::ValueCountOverLimit { value_count_max } => write!(
                formatter,
                "value_count_max is {value_count_max}, but the records of whole value blocks are counted \
                 in 32 bits: lower it by the records of a block",
            ),
        }
    }
}

impl TableOptions {
    /// The sizes of tables whose records are of type `R`.
    #[must_use]
    pub const fn of<R: Record>(block_size: usize, value_count_max: u32) -> Self {
        let (record_size, key_size) = (size_of::<R>(), R::Key::SIZE);
        Self { block_size, record_size, key_size, value_count_max }
    }

    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// Returns the first size that is invalid.
    pub fn validate(&self) -> Result<(), InvalidTable> {
        let Self { block_size, record_size, key_size, value_count_max } = *self;
        let sizes = Layout::BLOCK_SIZE_MIN..=Layout::BLOCK_SIZE_MAX;
        if !block_size.is_power_of_two() || !sizes.contains(&block_size) {
            return Err(InvalidTable::BlockSize { block_size });
        }
        let sizes = RECORD_SIZE_MIN..=RECORD_SIZE_MAX;
        if !record_size.is_power_of_two() || !sizes.contains(&record_size) {
            return Err(InvalidTable::RecordSize { record_size });
        }
        if ![8, 16, 32].contains(&key_size) {
            return Err(InvalidTable::KeySize { key_size });
        }
        if value_count_max == 0 {
            return Err(InvalidTable::ValueCountMaxZero);
        }
        let body_size = block_size - BODY_OFFSET;
        // No block has 2^32 bytes.
        let block_value_count = (body_size / record_size) as u32;
        if block_value_count == 0 {
            return Err(InvalidTable::RecordOverBlock { record_size, body_size });
        }
        let value_block_count_max = value_count_max.div_ceil(block_value_count);
        let value_block_limit = (body_size / (REFERENCE_SIZE + 2 * key_size)) as u32;
        if value_block_count_max > value_block_limit {
            let limit = value_block_limit.saturating_mul(block_value_count);
            return Err(InvalidTable::IndexOverBlock { value_count_max, limit });
        }
        if value_block_count_max.checked_mul(block_value_count).is_none() {
            return Err(InvalidTable::ValueCountOverLimit { value_count_max });
        }
        Ok(())
    }
}

/// The numbers of records and blocks of a table. The constructor validates the sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableLayout {
    options: TableOptions,
    block_value_count_max: u32,
    value_block_count_max: u32,
}

impl TableLayout {
    /// The layout of tables of these sizes.
    ///
    /// # Errors
    ///
    /// The same as [`TableOptions::validate`].
    pub fn new(options: TableOptions) -> Result<Self, InvalidTable> {
        options.validate()?;
        let TableOptions { block_size, record_size, value_count_max, .. } = options;
        let block_value_count_max = ((block_size - BODY_OFFSET) / record_size) as u32;
        let value_block_count_max = value_count_max.div_ceil(block_value_count_max);
        Ok(Self { options, block_value_count_max, value_block_count_max })
    }

    /// The sizes that the layout was made from.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &TableOptions {
        &self.options
    }

    /// The bytes of a block.
    #[must_use]
    #[inline]
    pub fn block_size(&self) -> usize {
        self.options.block_size
    }

    /// The bytes of a record.
    #[must_use]
    #[inline]
    pub fn record_size(&self) -> usize {
        self.options.record_size
    }

    /// The bytes of a key.
    #[must_use]
    #[inline]
    pub fn key_size(&self) -> usize {
        self.options.key_size
    }

    /// The maximum number of records of a memtable.
    #[must_use]
    #[inline]
    pub fn value_count_max(&self) -> u32 {
        self.options.value_count_max
    }

    /// The maximum number of records of a table on disk, whose value blocks are then all full. It
    /// is at least [`TableLayout::value_count_max`].
    #[must_use]
    #[inline]
    pub fn value_count_max_on_disk(&self) -> u32 {
        self.value_block_count_max * self.block_value_count_max
    }

    /// The number of records of a full value block, 1 or more.
    #[must_use]
    #[inline]
    pub fn block_value_count_max(&self) -> u32 {
        self.block_value_count_max
    }

    /// The maximum number of value blocks of a table, 1 or more.
    #[must_use]
    #[inline]
    pub fn value_block_count_max(&self) -> u32 {
        self.value_block_count_max
    }

    /// The number of value blocks of a table with this many records.
    #[must_use]
    #[inline]
    pub fn value_block_count(&self, value_count: u32) -> u32 {
        value_count.div_ceil(self.block_value_count_max)
    }

    /// The number of used bytes of an index block without its header. It is the same for all
    /// tables, full or not.
    #[must_use]
    #[inline]
    pub fn index_body_size(&self) -> usize {
        self.value_block_count_max as usize * (REFERENCE_SIZE + 2 * self.key_size())
    }

    /// The number of used bytes of an index block with its header; at most
    /// [`TableLayout::block_size`].
    #[must_use]
    #[inline]
    pub fn index_block_size(&self) -> usize {
        BODY_OFFSET + self.index_body_size()
    }

    /// Asserts that `R` is the record of the layout.
    pub(super) fn assert_record<R: Record>(&self) {
        self.assert_key::<R::Key>();
        let (own, other) = (self.record_size(), size_of::<R>());
        assert!(
            own == other,
            "table: records must be those of the layout ({other} bytes, not {own})"
        );
    }

    /// Asserts that `K` is the key of the layout.
    #[inline]
    pub(super) fn assert_key<K: Key>(&self) {
        let (own, other) = (self.key_size(), K::SIZE);
        assert!(own == other, "table: keys must be those of the layout ({other} bytes, not {own})");
    }
}

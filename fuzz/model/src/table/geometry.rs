//! The sizes of tables, as the settings of an input choose them.

use super::{BLOCK, BLOCKS, BLOCKS_LARGE, LARGE, Operation, RECORD, SHORT, SIZE};
use downbeat_input::encoding::{Header, Operation as _};

/// The sizes of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Geometry {
    /// Bytes of a block.
    pub block_size: usize,
    /// Bytes of a record.
    pub record_size: usize,
    /// Bytes of a key.
    pub key_size: usize,
    /// The maximum number of records of a memtable.
    pub value_count_max: u32,
    /// Whether a table has room for more than [`BLOCKS_LARGE`] value blocks.
    pub is_large: bool,
}

impl Geometry {
    /// Bytes of a block's header.
    pub const HEADER: usize = 64;
    /// The maximum number of records of a table on disk that is not large. More records take more
    /// time, and hardly find more bugs.
    const RECORDS_MAX: usize = 512;

    /// The sizes that the settings of an input choose.
    #[must_use]
    pub fn of(header: &Header) -> Self {
        let number = |setting| header.number(Operation::SETTINGS, setting) as usize;
        let (record_size, key_size) = [(16, 8), (32, 16), (128, 32)][header.index(RECORD)];
        let is_large = header.index(SIZE) == LARGE;
        let block_size = number(BLOCK);
        let mut geometry =
            Geometry { block_size, record_size, key_size, value_count_max: 1, is_large };
        let blocks = if is_large {
            let blocks = BLOCKS_LARGE + number(BLOCKS);
            let index_size = Self::HEADER + blocks * geometry.index_entry();
            geometry.block_size = index_size.next_power_of_two();
            blocks
        } else {
            let index_room = (block_size - Self::HEADER) / geometry.index_entry();
            let blocks_max = index_room.min((Self::RECORDS_MAX / geometry.block_values()).max(1));
            number(BLOCKS).min(blocks_max)
        };
        let block_values = geometry.block_values();
        let values = blocks * block_values;
        // If a memtable had fewer records by a whole value block or more, the table would have
        // fewer value blocks than `BLOCKS` asks for.
        let short = number(SHORT).min(block_values - 1);
        geometry.value_count_max = (values - short) as u32;
        geometry
    }

    /// Bytes of an index block for each value block.
    #[must_use]
    pub fn index_entry(&self) -> usize {
        16 + 2 * self.key_size + 8
    }

    /// Records of a full value block.
    #[inline]
    #[must_use]
    pub fn block_values(&self) -> usize {
        (self.block_size - Self::HEADER) / self.record_size
    }

    /// The most value blocks of a table.
    #[inline]
    #[must_use]
    pub fn blocks(&self) -> usize {
        (self.value_count_max as usize).div_ceil(self.block_values())
    }

    /// The maximum number of records of a table on disk.
    #[inline]
    #[must_use]
    pub fn values(&self) -> usize {
        self.blocks() * self.block_values()
    }
}

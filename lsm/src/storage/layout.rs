//! The layout of a device: the copies of the superblock, then the blocks of the grid.
//!
//! ```text
//! superblock                             grid
//! [ copy 0 ][ copy 1 ] .. [ copy n - 1 ][ padding ][ block 1 ][ block 2 ] .. [ block count ]
//! ```
//!
//! - Copies start at multiples of the sector size, and blocks at multiples of the block size.
//! - There is no block 0, so that address 0 can mean "no block".

use std::error::Error;
use std::fmt;

/// A range of a device, in whole sectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The offset of the first byte.
    pub offset: u64,
    /// The length in bytes.
    pub length: usize,
}

impl Span {
    /// Returns the offset of the first byte after the span.
    #[must_use]
    #[inline]
    pub fn end(&self) -> u64 {
        self.offset + self.length as u64
    }

    /// Returns whether the spans have a byte in common.
    #[must_use]
    #[inline]
    pub fn overlaps(&self, other: &Span) -> bool {
        self.offset < other.end() && other.offset < self.end()
    }
}

/// A part of the device that is written by one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The copies of the superblock.
    Superblock,
    /// The blocks of the grid.
    Grid,
}

/// The sizes of a store. They are fixed when it is formatted, except that it can be opened with
/// more blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayoutOptions {
    /// The size of a sector in bytes, the unit of reads and writes: a power of two from
    /// [`Layout::SECTOR_SIZE_MIN`] to [`Layout::SECTOR_SIZE_MAX`], inclusive. The store does not
    /// rely on sectors being written atomically.
    pub sector_size: usize,
    /// The size of a block in bytes: a power of two from [`Layout::BLOCK_SIZE_MIN`] to
    /// [`Layout::BLOCK_SIZE_MAX`], inclusive, and at least the size of a sector.
    pub block_size: usize,
    /// The number of copies of the superblock: 2, 4, 6 or 8.
    pub superblock_copies: usize,
    /// The number of blocks, from 1 to [`Layout::BLOCK_COUNT_MAX`], inclusive.
    pub block_count: u64,
}

/// The reason why the sizes of a layout are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidLayout {
    /// The size of a sector is invalid.
    SectorSize {
        /// The requested size in bytes.
        sector_size: usize,
    },
    /// The size of a block is invalid.
    BlockSize {
        /// The requested size in bytes.
        block_size: usize,
    },
    /// A block is smaller than a sector.
    BlockBelowSector {
        /// The requested size of a block in bytes.
        block_size: usize,
        /// The size of a sector in bytes.
        sector_size: usize,
    },
    /// The number of copies of the superblock is invalid.
    SuperblockCopies {
        /// The requested number of copies.
        superblock_copies: usize,
    },
    /// There are no blocks, or too many.
    BlockCount {
        /// The requested number of blocks.
        block_count: u64,
    },
}

impl Error for InvalidLayout {}

impl fmt::Display for InvalidLayout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SectorSize { sector_size } => write!(
                formatter,
                "sector_size is {sector_size}: set it to a power of two from {} to {}",
                Layout::SECTOR_SIZE_MIN,
                Layout::SECTOR_SIZE_MAX,
            ),
            Self::BlockSize { block_size } => write!(
                formatter,
                "block_size is {block_size}: set it to a power of two from {} to {}",
                Layout::BLOCK_SIZE_MIN,
                Layout::BLOCK_SIZE_MAX,
            ),
            Self::BlockBelowSector { block_size, sector_size } => write!(
                formatter,
                "block_size is {block_size}, but blocks are written in whole sectors: set it to at \
                 least {sector_size}",
            ),
            Self::SuperblockCopies { superblock_copies } => write!(
                formatter,
                "superblock_copies is {superblock_copies}, but copies are written in two halves: set it \
                 to 2, 4, 6 or 8",
            ),
            Self::BlockCount { block_count } => write!(
                formatter,
                "block_count is {block_count}, but the free set needs three bits of memory per \
                 block: set it to a number from 1 to {}",
                Layout::BLOCK_COUNT_MAX,
            ),
        }
    }
}

/// The layout of a device with valid sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    options: LayoutOptions,
}

impl Layout {
    /// The minimum size of a sector in bytes.
    pub const SECTOR_SIZE_MIN: usize = 64;
    /// The maximum size of a sector in bytes.
    pub const SECTOR_SIZE_MAX: usize = 1 << 16;
    /// The minimum size of a block in bytes.
    pub const BLOCK_SIZE_MIN: usize = 128;
    /// The maximum size of a block in bytes.
    pub const BLOCK_SIZE_MAX: usize = 1 << 24;
    /// The maximum number of blocks.
    pub const BLOCK_COUNT_MAX: u64 = 1 << 31;
    /// The size of a copy of the superblock in bytes, before it is rounded up to whole sectors.
    pub const SUPERBLOCK_SIZE: usize = 512;

    /// Checks the sizes and creates the layout.
    ///
    /// # Errors
    ///
    /// Returns an error for the first size that is out of its bounds.
    pub fn new(options: LayoutOptions) -> Result<Self, InvalidLayout> {
        let LayoutOptions { sector_size, block_size, superblock_copies, block_count } = options;
        let sizes = Self::SECTOR_SIZE_MIN..=Self::SECTOR_SIZE_MAX;
        if !sector_size.is_power_of_two() || !sizes.contains(&sector_size) {
            return Err(InvalidLayout::SectorSize { sector_size });
        }
        let sizes = Self::BLOCK_SIZE_MIN..=Self::BLOCK_SIZE_MAX;
        if !block_size.is_power_of_two() || !sizes.contains(&block_size) {
            return Err(InvalidLayout::BlockSize { block_size });
        }
        if block_size < sector_size {
            return Err(InvalidLayout::BlockBelowSector { block_size, sector_size });
        }
        if ![2, 4, 6, 8].contains(&superblock_copies) {
            return Err(InvalidLayout::SuperblockCopies { superblock_copies });
        }
        if !(1..=Self::BLOCK_COUNT_MAX).contains(&block_count) {
            return Err(InvalidLayout::BlockCount { block_count });
        }
        Ok(Self { options })
    }

    /// Returns the layout of a device with the same sizes and another number of blocks.
    ///
    /// # Panics
    ///
    /// If the number is not from 1 to [`Layout::BLOCK_COUNT_MAX`], inclusive.
    #[must_use]
    pub fn with_block_count(&self, block_count: u64) -> Self {
        assert!(
            (1..=Self::BLOCK_COUNT_MAX).contains(&block_count),
            "layout: the number of blocks must be valid (block_count {block_count})",
        );
        Self { options: LayoutOptions { block_count, ..self.options } }
    }

    /// Returns the sizes.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &LayoutOptions {
        &self.options
    }

    /// Returns the size of a sector in bytes.
    #[must_use]
    #[inline]
    pub fn sector_size(&self) -> usize {
        self.options.sector_size
    }

    /// Returns the size of a block in bytes.
    #[must_use]
    #[inline]
    pub fn block_size(&self) -> usize {
        self.options.block_size
    }

    /// Returns the number of blocks. Addresses are from 1 to this number, inclusive.
    #[must_use]
    #[inline]
    pub fn block_count(&self) -> u64 {
        self.options.block_count
    }

    /// Returns the number of copies of the superblock.
    #[must_use]
    #[inline]
    pub fn superblock_copies(&self) -> usize {
        self.options.superblock_copies
    }

    /// Returns the size of a copy of the superblock in bytes, in whole sectors.
    #[must_use]
    #[inline]
    pub fn superblock_copy_size(&self) -> usize {
        Self::SUPERBLOCK_SIZE.next_multiple_of(self.options.sector_size)
    }

    /// Returns the span of a copy of the superblock.
    ///
    /// # Panics
    ///
    /// If there is no such copy.
    #[must_use]
    #[inline]
    pub fn superblock_copy(&self, copy: usize) -> Span {
        let copies = self.options.superblock_copies;
        assert!(copy < copies, "layout: a copy must be one of {copies} (copy {copy})");
        let length = self.superblock_copy_size();
        Span { offset: (copy * length) as u64, length }
    }

    /// Returns the offset of the first block in bytes.
    #[must_use]
    #[inline]
    pub fn grid_offset(&self) -> u64 {
        let superblocks = self.options.superblock_copies * self.superblock_copy_size();
        superblocks.next_multiple_of(self.options.block_size) as u64
    }

    /// Returns the span of a whole block.
    ///
    /// # Panics
    ///
    /// If there is no block at this address.
    #[must_use]
    #[inline]
    pub fn block(&self, address: u64) -> Span {
        let count = self.options.block_count;
        assert!(
            (1..=count).contains(&address),
            "layout: an address must be from 1 to {count} (address {address})",
        );
        let length = self.options.block_size;
        Span { offset: self.grid_offset() + (address - 1) * length as u64, length }
    }

    /// Returns the size of the device in bytes.
    #[must_use]
    #[inline]
    pub fn size(&self) -> u64 {
        self.grid_offset() + self.options.block_count * self.options.block_size as u64
    }

    /// Returns the zone of this byte. The padding belongs to the grid.
    #[must_use]
    #[inline]
    pub fn zone(&self, offset: u64) -> Zone {
        let superblocks = self.options.superblock_copies * self.superblock_copy_size();
        if offset < superblocks as u64 { Zone::Superblock } else { Zone::Grid }
    }

    /// Returns the address of the block that contains this byte, or `None` if no block does.
    #[must_use]
    #[inline]
    pub fn address(&self, offset: u64) -> Option<u64> {
        let within = offset.checked_sub(self.grid_offset())?;
        let address = within / self.options.block_size as u64 + 1;
        (address <= self.options.block_count).then_some(address)
    }
}

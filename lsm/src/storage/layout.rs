//! What lies where on a device: the superblock's copies, then the grid's blocks.
//!
//! ```text
//! 0                copy 1           copy n-1            first block
//! [ superblock 0 ][ superblock 1 ]..[ superblock n-1 ][ padding ][ block 1 ][ block 2 ] .. [ block count ]
//! ```
//!
//! - Every copy and every block starts at a multiple of the sector size; blocks at a multiple of their
//!   own size.
//! - Block 0 does not exist, so that address 0 can mean none.
//!
//! What this does not do: it does not know which blocks are in use.

use std::error::Error;
use std::fmt;

/// A piece of a device: whole sectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Its first byte.
    pub offset: u64,
    /// Its bytes.
    pub length: usize,
}

impl Span {
    /// The first byte behind it.
    #[must_use]
    #[inline]
    pub fn end(&self) -> u64 {
        self.offset + self.length as u64
    }

    /// Whether some byte is in both.
    #[must_use]
    #[inline]
    pub fn overlaps(&self, other: &Span) -> bool {
        self.offset < other.end() && other.offset < self.end()
    }
}

/// A part of a device that one component writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The copies of the superblock.
    Superblock,
    /// The blocks.
    Grid,
}

/// The sizes of a store, fixed when it is formatted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayoutOptions {
    /// The bytes that the device reads and writes at least: a power of two, from
    /// [`Layout::SECTOR_SIZE_MIN`] to [`Layout::SECTOR_SIZE_MAX`]. Nothing relies on a sector being
    /// written whole or not at all.
    pub sector_size: usize,
    /// The bytes of a block: a power of two, from [`Layout::BLOCK_SIZE_MIN`] to
    /// [`Layout::BLOCK_SIZE_MAX`], and no less than a sector.
    pub block_size: usize,
    /// The copies of the superblock: 2, 4, 6 or 8.
    pub superblock_copies: usize,
    /// The blocks, from 1 to [`Layout::BLOCK_COUNT_MAX`].
    pub block_count: u64,
}

/// Sizes of a store that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidLayout {
    /// Sectors of a size that is not allowed.
    SectorSize {
        /// The bytes asked for.
        sector_size: usize,
    },
    /// Blocks of a size that is not allowed.
    BlockSize {
        /// The bytes asked for.
        block_size: usize,
    },
    /// Blocks smaller than a sector.
    BlockBelowSector {
        /// The bytes of a block asked for.
        block_size: usize,
        /// The bytes of a sector.
        sector_size: usize,
    },
    /// A number of copies that is not allowed.
    SuperblockCopies {
        /// The copies asked for.
        superblock_copies: usize,
    },
    /// No blocks, or too many.
    BlockCount {
        /// The blocks asked for.
        block_count: u64,
    },
}

impl Error for InvalidLayout {}

impl fmt::Display for InvalidLayout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SectorSize { sector_size } => write!(
                formatter,
                "sector_size is {sector_size}, but devices have sectors of a power of two: set it to \
                 one from {} to {}",
                Layout::SECTOR_SIZE_MIN,
                Layout::SECTOR_SIZE_MAX,
            ),
            Self::BlockSize { block_size } => write!(
                formatter,
                "block_size is {block_size}, but blocks hold a header and are counted in 32 bits: set \
                 it to a power of two from {} to {}",
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
                "block_count is {block_count}, but the free set holds three bits a block in memory: set \
                 it to a number from 1 to {}",
                Layout::BLOCK_COUNT_MAX,
            ),
        }
    }
}

/// What lies where: the copies of the superblock, then the blocks. Checked once, when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    options: LayoutOptions,
}

impl Layout {
    /// The bytes of the smallest sector.
    pub const SECTOR_SIZE_MIN: usize = 64;
    /// The bytes of the largest sector.
    pub const SECTOR_SIZE_MAX: usize = 1 << 16;
    /// The bytes of the smallest block.
    pub const BLOCK_SIZE_MIN: usize = 128;
    /// The bytes of the largest block.
    pub const BLOCK_SIZE_MAX: usize = 1 << 24;
    /// The most blocks.
    pub const BLOCK_COUNT_MAX: u64 = 1 << 31;
    /// The bytes of a copy of the superblock, before they are rounded up to whole sectors.
    pub const SUPERBLOCK_SIZE: usize = 512;

    /// Where everything lies in a store of these sizes.
    ///
    /// # Errors
    ///
    /// The first size that cannot be.
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

    /// The sizes.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &LayoutOptions {
        &self.options
    }

    /// The bytes of a sector.
    #[must_use]
    #[inline]
    pub fn sector_size(&self) -> usize {
        self.options.sector_size
    }

    /// The bytes of a block.
    #[must_use]
    #[inline]
    pub fn block_size(&self) -> usize {
        self.options.block_size
    }

    /// The blocks. Addresses are from 1 to this, inclusive.
    #[must_use]
    #[inline]
    pub fn block_count(&self) -> u64 {
        self.options.block_count
    }

    /// The copies of the superblock.
    #[must_use]
    #[inline]
    pub fn superblock_copies(&self) -> usize {
        self.options.superblock_copies
    }

    /// The bytes that a copy of the superblock takes: whole sectors.
    #[must_use]
    #[inline]
    pub fn superblock_copy_size(&self) -> usize {
        Self::SUPERBLOCK_SIZE.next_multiple_of(self.options.sector_size)
    }

    /// Where a copy of the superblock lies.
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

    /// Where the blocks start, in bytes.
    #[must_use]
    #[inline]
    pub fn grid_offset(&self) -> u64 {
        let superblocks = self.options.superblock_copies * self.superblock_copy_size();
        superblocks.next_multiple_of(self.options.block_size) as u64
    }

    /// Where a block lies, whole.
    ///
    /// # Panics
    ///
    /// If there is no block of this address.
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

    /// The bytes of the whole device.
    #[must_use]
    #[inline]
    pub fn size(&self) -> u64 {
        self.grid_offset() + self.options.block_count * self.options.block_size as u64
    }

    /// The part of the device that a byte lies in. Padding counts as the grid's.
    #[must_use]
    #[inline]
    pub fn zone(&self, offset: u64) -> Zone {
        let superblocks = self.options.superblock_copies * self.superblock_copy_size();
        if offset < superblocks as u64 { Zone::Superblock } else { Zone::Grid }
    }

    /// The address of the block that a byte lies in, if it lies in one.
    #[must_use]
    #[inline]
    pub fn address(&self, offset: u64) -> Option<u64> {
        let within = offset.checked_sub(self.grid_offset())?;
        let address = within / self.options.block_size as u64 + 1;
        (address <= self.options.block_count).then_some(address)
    }
}

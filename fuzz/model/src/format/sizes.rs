//! The sizes of a store, and the places of its structures, as the documentation of the file format
//! defines them.

use super::checksum::checksum;
use crate::options::{Field, StoreNumbers};
use downbeat_input::version::Usage;

/// Bytes of a block's header.
pub const HEADER: usize = 64;
/// Bytes of a superblock, without the zeros after it.
pub const SUPERBLOCK: usize = 512;
/// Bytes of an entry of the manifest log.
pub const ENTRY: usize = 112;
/// The name of the tree of a store of one tree.
const NAME: &str = "records";

/// The sizes of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of a sector.
    pub sector: usize,
    /// Bytes of a block.
    pub block: usize,
    /// Copies of the superblock.
    pub copies: usize,
    /// Blocks of the device.
    pub blocks: u64,
    /// Bytes of a record.
    pub record: usize,
    /// Bytes of a key.
    pub key: usize,
    /// The number of the tree.
    pub tree: u16,
    /// The usage of the tree.
    pub usage: Usage,
    /// The maximum number of records of a beat.
    pub batch: u32,
    /// Beats of a bar.
    pub bar: u32,
    /// The growth factor.
    pub growth: u32,
    /// Levels of the tree.
    pub levels: u32,
    /// Bars from one checkpoint to the next.
    pub interval: u32,
    /// The maximum number of blocks of the manifest log that are compacted in a half-bar, less the
    /// maximum number that the tree fills in a half-bar.
    pub extra: u32,
}

impl Sizes {
    /// Bytes of a copy of the superblock, in whole sectors.
    #[must_use]
    pub fn copy_size(&self) -> usize {
        SUPERBLOCK.next_multiple_of(self.sector)
    }

    /// The offset of a copy of the superblock.
    #[must_use]
    pub fn copy(&self, copy: usize) -> usize {
        copy * self.copy_size()
    }

    /// The offset of a block.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[must_use]
    pub fn block_at(&self, address: u64) -> usize {
        assert!(self.has_block(address), "image: block {address} of {}", self.blocks);
        let grid = (self.copies * self.copy_size()).next_multiple_of(self.block);
        grid + (address as usize - 1) * self.block
    }

    /// Whether the device has a block at this address.
    #[must_use]
    pub fn has_block(&self, address: u64) -> bool {
        (1..=self.blocks).contains(&address)
    }

    /// The number of records of a full value block.
    #[must_use]
    pub fn records_of_block(&self) -> usize {
        (self.block - HEADER) / self.record
    }

    /// The maximum number of value blocks of a table.
    #[must_use]
    pub fn values_max(&self) -> usize {
        (self.batch as usize * self.bar as usize).div_ceil(self.records_of_block())
    }

    /// Bytes of the body of an index block.
    #[must_use]
    pub fn index_size(&self) -> usize {
        self.values_max() * (24 + 2 * self.key)
    }

    /// The offset of element `number` of an array, from the start of an index block. The arrays are
    /// the checksums (0), the first keys (1), the last keys (2) and the addresses (3).
    #[must_use]
    pub fn index_element(&self, array: usize, number: usize) -> usize {
        let sizes = [16, self.key, self.key, 8];
        let before: usize = sizes[..array].iter().sum();
        HEADER + before * self.values_max() + sizes[array] * number
    }

    /// Bytes of a piece of an encoded free set.
    #[must_use]
    pub fn piece(&self) -> usize {
        (self.block - HEADER) / 8 * 8
    }

    /// Whether a store with `stored` blocks, but otherwise these sizes, may get `blocks` blocks.
    #[must_use]
    pub fn may_grow(&self, stored: u64, blocks: u64) -> bool {
        let mut options = StoreNumbers::tiny(self.record as u64, self.key as u64);
        for (field, number) in [
            (Field::SectorSize, self.sector as u64),
            (Field::BlockSize, self.block as u64),
            (Field::Blocks, blocks),
            (Field::Id, self.tree.into()),
            (Field::Batch, self.batch.into()),
            (Field::Bar, self.bar.into()),
            (Field::Growth, self.growth.into()),
            (Field::Levels, self.levels.into()),
            (Field::Extra, self.extra.into()),
        ] {
            options.set(field, number);
        }
        options.may_grow_from(stored)
    }

    /// The maximum number of tables of a level.
    #[must_use]
    pub fn tables_of_level(&self, level: u8) -> u64 {
        u64::from(self.growth).pow(u32::from(level) + 1)
    }

    /// The lower half of the identity of a store of one tree with these sizes.
    #[must_use]
    pub fn identity(&self) -> u64 {
        identity(&[(*self, 0, NAME)])
    }
}

/// The lower half of the identity of a store of trees with these sizes, checksums of fields
/// ([`fields`]; 0 in a tree that has no objects) and names. The sizes agree in everything that
/// belongs to the store.
///
/// # Panics
///
/// If there is no tree.
#[must_use]
pub fn identity(trees: &[(Sizes, u64, &str)]) -> u64 {
    let (store, ..) = trees[0];
    let mut numbers = vec![
        store.sector as u64,
        store.block as u64,
        store.copies as u64,
        u64::from(store.extra),
        trees.len() as u64,
    ];
    for (tree, fields, name) in trees {
        numbers.extend([
            u64::from(tree.tree),
            u64::from(tree.batch),
            u64::from(tree.bar),
            u64::from(tree.growth),
            u64::from(tree.levels),
            tree.record as u64,
            tree.key as u64,
            u64::from(tree.usage == Usage::Index),
            *fields,
            name.len() as u64,
        ]);
    }
    let mut bytes: Vec<u8> = numbers.into_iter().flat_map(u64::to_le_bytes).collect();
    bytes.extend(trees.iter().flat_map(|(.., name)| name.bytes()));
    checksum(&bytes) as u64
}

/// The checksum of the fields of an object: the number of the kind, the bytes and the name of each,
/// in order.
#[must_use]
pub fn fields(fields: &[(u64, u64, &str)]) -> u64 {
    let mut bytes = Vec::new();
    for (kind, size, name) in fields {
        for number in [*kind, *size, name.len() as u64] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(name.as_bytes());
    }
    checksum(&bytes) as u64
}

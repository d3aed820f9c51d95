//! Reads a block by its reference.

use super::bytes::{are_zero, number, wide};
use super::checksum::checksum;
use super::sizes::{HEADER, Sizes};
use super::wrong::{At, Fault, Wrong};
use crate::mutation::{Mutation, is_on};

/// A reference to a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// The checksum in the header of the block.
    pub checksum: u128,
    /// The address of the block.
    pub address: u64,
}

impl Reference {
    /// Refers to no block.
    pub const NONE: Self = Self { checksum: 0, address: 0 };

    /// Reads the reference whose checksum and address are at these offsets.
    #[must_use]
    pub fn at(bytes: &[u8], checksum: usize, address: usize) -> Self {
        Self { checksum: wide(bytes, checksum), address: number(bytes, address, 8) }
    }
}

/// The kinds of blocks, with their numbers in the header of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A piece of an encoded free set.
    FreeSet = 1,
    /// Entries of the manifest log.
    Manifest = 2,
    /// The index of a table.
    Index = 3,
    /// Records of a table.
    Value = 4,
}

/// Reads the block that a reference names. Returns its header and the used part of its body, whose
/// content is not checked.
///
/// # Errors
///
/// If the block is damaged, or is not the one that the reference names.
pub fn read<'a>(image: &'a [u8], sizes: &Sizes, reference: Reference) -> Result<&'a [u8], Wrong> {
    let at = At::Block(reference.address);
    if !sizes.has_block(reference.address) {
        return Err(Wrong { fault: Fault::Address, at });
    }
    let begin = sizes.block_at(reference.address);
    open(&image[begin..begin + sizes.block], sizes, reference).map_err(|fault| Wrong { fault, at })
}

/// Opens the block that a reference names: `block` has all of its bytes. Returns its header and the
/// used part of its body, whose content is not checked.
///
/// # Errors
///
/// If the block is damaged, or is not the one that the reference names.
pub fn open<'a>(block: &'a [u8], sizes: &Sizes, reference: Reference) -> Result<&'a [u8], Fault> {
    let size = number(block, 32, 4) as usize;
    if size <= HEADER || size > sizes.block {
        return Err(Fault::Size);
    }
    let own = wide(block, 0);
    if own != checksum(&block[16..size]) && !is_on(Mutation::ImageTrustsChecksums) {
        return Err(Fault::Checksum);
    }
    if own != reference.checksum {
        return Err(Fault::OtherBlock);
    }
    if block[37] != 1 {
        return Err(Fault::BlockVersion);
    }
    if number(block, 16, 8) != reference.address {
        return Err(Fault::BlockAddress);
    }
    if !(1..=4).contains(&block[36]) {
        return Err(Fault::Kind);
    }
    if !are_zero(&block[size..size.next_multiple_of(sizes.sector).min(sizes.block)]) {
        return Err(Fault::Zeros);
    }
    Ok(&block[..size])
}

/// Whether the header of a block has this kind and this tree. A block that belongs to a tree must
/// have a snapshot. Any other block (`tree` is 0) must have none.
#[must_use]
pub fn is(block: &[u8], kind: Kind, tree: u16) -> bool {
    block[36] == kind as u8
        && number(block, 38, 2) == u64::from(tree)
        && (number(block, 24, 8) == 0) == (tree == 0)
}

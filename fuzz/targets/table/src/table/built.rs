//! A table that was built, and its sealed blocks.

use downbeat_lsm::block::{
    self, BODY_OFFSET, Block, BlockReference, Contents, METADATA_SIZE, Reason,
};
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::storage::Buffer;

use downbeat::records::Versioned;
use downbeat_model::table::Table;

/// The size of a sector in bytes. Blocks of every size have several sectors.
pub(super) const SECTOR: usize = 128;

/// A block that was sealed.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) reference: BlockReference,
    pub(super) contents: Contents,
    pub(super) buffer: Buffer,
}

impl Sealed {
    pub(super) fn seal(address: u64, contents: Contents, mut buffer: Buffer) -> Self {
        let (reference, _) = block::seal(buffer.bytes_mut(), address, &contents, SECTOR);
        Sealed { reference, contents, buffer }
    }

    /// The used part of the body.
    #[inline]
    pub(super) fn body(&self) -> &[u8] {
        &self.buffer.bytes()[BODY_OFFSET..BODY_OFFSET + self.contents.body_size]
    }

    /// Seals the block again with its present metadata and body, and the other fields of
    /// `contents`.
    pub(super) fn seal_again(&mut self, contents: Contents) {
        let bytes = self.buffer.bytes_mut();
        let mut metadata = [0; METADATA_SIZE];
        metadata.copy_from_slice(&bytes[BODY_OFFSET - METADATA_SIZE..BODY_OFFSET]);
        self.contents = Contents { metadata, ..contents };
        (self.reference, _) = block::seal(bytes, self.reference.address, &self.contents, SECTOR);
    }
}

/// A table that was built.
#[derive(Debug)]
pub(super) struct Built<R: Versioned> {
    pub(super) table: TableInfo<R::Key>,
    pub(super) model: Table,
    /// The value blocks in the order of their keys, then the index block.
    pub(super) blocks: Vec<Sealed>,
}

impl<R: Versioned> Built<R> {
    #[inline]
    pub(super) fn index(&self) -> &Sealed {
        self.blocks.last().expect("a table has an index")
    }

    /// The place of the index block.
    #[inline]
    pub(super) fn index_place(&self) -> usize {
        self.blocks.len() - 1
    }

    /// Returns the block with this reference, without verifying its checksum.
    #[inline]
    pub(super) fn named(&self, reference: BlockReference) -> Result<Block<'_>, Reason> {
        let sealed = self.at(reference.address)?;
        if sealed.reference != reference {
            return Err(Reason::OtherBlock);
        }
        Ok(Block { contents: sealed.contents, body: sealed.body() })
    }

    /// Returns the block with this reference, if its checksum is right.
    pub(super) fn open(&self, reference: BlockReference) -> Result<Block<'_>, Reason> {
        let sealed = self.at(reference.address)?;
        let opened = block::open(sealed.buffer.bytes(), reference, SECTOR);
        opened.map_err(|corruption| corruption.reason)
    }

    /// Returns the block at an address. The addresses of a table's blocks follow each other.
    #[inline]
    fn at(&self, address: u64) -> Result<&Sealed, Reason> {
        let place = address.wrapping_sub(self.blocks[0].reference.address) as usize;
        let block = self.blocks.get(place).filter(|sealed| sealed.reference.address == address);
        block.ok_or(Reason::Address)
    }
}

//! The header of a block. It is written after the body and checked before the body is used.
//!
//! - The checksum covers the rest of the header and the used body.
//! - The bytes from the used body to the end of its sector are zeros. They are written and checked.
//! - Sealing and opening do not copy the body.

use zerocopy::little_endian::{U16, U32, U64, U128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{BlockKind, Corruption, Place, Reason, checksum, is_zero};

/// The offset of the body in a block, in bytes.
pub const BODY_OFFSET: usize = size_of::<Header>();

/// The size in bytes of the metadata: the header field whose meaning depends on the kind of the
/// block.
pub const METADATA_SIZE: usize = 24;

const CHECKSUM_SIZE: usize = size_of::<u128>();
const VERSION: u8 = 1;

/// The header as it is on the device; see the table in `mod.rs`.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Header {
    checksum: U128,
    address: U64,
    snapshot: U64,
    size: U32,
    kind: u8,
    version: u8,
    tree: U16,
    metadata: [u8; METADATA_SIZE],
}

const _: () = assert!(size_of::<Header>() == 64);

/// A reference as it is in the metadata of a block.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Reference {
    checksum: U128,
    address: U64,
}

const _: () = assert!(size_of::<Reference>() == METADATA_SIZE);

/// Identifies a block by its address and its checksum. The checksum distinguishes the block from
/// all other blocks that were ever at this address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BlockReference {
    /// The checksum in the header.
    pub checksum: u128,
    /// The address, from 1.
    pub address: u64,
}

impl BlockReference {
    /// Encodes the reference as metadata of a block.
    #[must_use]
    pub fn to_metadata(self) -> [u8; METADATA_SIZE] {
        let Self { checksum, address } = self;
        let stored = Reference { checksum: U128::new(checksum), address: U64::new(address) };
        let mut metadata = [0; METADATA_SIZE];
        metadata.copy_from_slice(stored.as_bytes());
        metadata
    }

    /// Decodes the reference in the metadata of a block. The block that it names may not exist.
    #[must_use]
    pub fn from_metadata(metadata: &[u8; METADATA_SIZE]) -> Self {
        let Ok(Reference { checksum, address }) = Reference::read_from_bytes(metadata) else {
            unreachable!("block: a reference fills the metadata");
        };
        Self { checksum: checksum.get(), address: address.get() }
    }
}

/// The contents of a block as its header describes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The kind of the block.
    pub kind: BlockKind,
    /// The tree that the block belongs to, or 0.
    pub tree: u16,
    /// A number whose meaning depends on the kind; 0 if the kind does not use it.
    pub snapshot: u64,
    /// Bytes whose meaning depends on the kind.
    pub metadata: [u8; METADATA_SIZE],
    /// The number of used bytes of the body, 1 or more.
    pub body_size: usize,
}

/// A block whose bytes are exactly those that were sealed.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The contents, as the header describes them.
    pub contents: Contents,
    /// The used body.
    pub body: &'a [u8],
}

/// Makes a block of `bytes`, in which the body starts at [`BODY_OFFSET`]. Writes the header before
/// the body and zeros after the body, up to the next multiple of `sector_size` or the end of
/// `bytes`. Returns the reference to the block and the number of bytes to write to the device.
///
/// # Panics
///
/// If the address is 0, if the body is empty or does not fit, or if the size of the block does not
/// fit in 32 bits.
pub fn seal(
    bytes: &mut [u8],
    address: u64,
    contents: &Contents,
    sector_size: usize,
) -> (BlockReference, usize) {
    let Contents { kind, tree, snapshot, metadata, body_size } = *contents;
    assert!(address > 0, "block: an address must be 1 or more");
    assert!(body_size > 0, "block: a body must have a byte (address {address})");
    let size = BODY_OFFSET + body_size;
    assert!(size <= bytes.len(), "block: a body must fit (size {size}, of {})", bytes.len());
    let end = size.next_multiple_of(sector_size).min(bytes.len());
    bytes[size..end].fill(0);
    let mut header = Header {
        checksum: U128::ZERO,
        address: U64::new(address),
        snapshot: U64::new(snapshot),
        size: U32::new(u32::try_from(size).expect("block: sizes have 32 bits")),
        kind: kind as u8,
        version: VERSION,
        tree: U16::new(tree),
        metadata,
    };
    bytes[..BODY_OFFSET].copy_from_slice(header.as_bytes());
    let checksum = checksum(&bytes[CHECKSUM_SIZE..size]);
    header.checksum = U128::new(checksum);
    bytes[..CHECKSUM_SIZE].copy_from_slice(header.checksum.as_bytes());
    (BlockReference { checksum, address }, end)
}

/// Checks `bytes`, a whole block as read from the device, and returns the block that `reference`
/// names.
///
/// # Errors
///
/// Returns the first corruption that is found.
///
/// # Panics
///
/// If `bytes` is shorter than a header.
#[inline]
pub fn open(
    bytes: &[u8],
    reference: BlockReference,
    sector_size: usize,
) -> Result<Block<'_>, Corruption> {
    let BlockReference { address, checksum: wanted } = reference;
    let corruption = |reason| Corruption { place: Place::Block(address), reason };
    let Ok((header, _)) = Header::ref_from_prefix(bytes) else {
        panic!("block: a block must have room for a header ({} bytes)", bytes.len());
    };
    let size = header.size.get() as usize;
    if size <= BODY_OFFSET || size > bytes.len() {
        return Err(corruption(Reason::Size));
    }
    if header.checksum.get() != checksum(&bytes[CHECKSUM_SIZE..size]) {
        return Err(corruption(Reason::Checksum));
    }
    if header.checksum.get() != wanted {
        return Err(corruption(Reason::OtherBlock));
    }
    if header.version != VERSION {
        return Err(corruption(Reason::Version));
    }
    if header.address.get() != address {
        return Err(corruption(Reason::Address));
    }
    let Some(kind) = BlockKind::find(header.kind) else { return Err(corruption(Reason::Kind)) };
    let end = size.next_multiple_of(sector_size).min(bytes.len());
    if !is_zero(&bytes[size..end]) {
        return Err(corruption(Reason::Padding));
    }
    let contents = Contents {
        kind,
        tree: header.tree.get(),
        snapshot: header.snapshot.get(),
        metadata: header.metadata,
        body_size: size - BODY_OFFSET,
    };
    Ok(Block { contents, body: &bytes[BODY_OFFSET..size] })
}

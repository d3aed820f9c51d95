//! The format of a copy of the superblock on the device.
//!
//! ```text
//! offset  size  field
//!      0    16  checksum      of bytes 32 .. 512: the same for all copies
//!     16     2  copy          the slot for which this copy was written
//!     18    14  zero
//!     32     2  version       of this format: 2
//!     34     2  copies        of the layout
//!     36     4  sector size   of the layout, in bytes
//!     40     4  block size    of the layout, in bytes
//!     44     4  zero
//!     48    16  store         the identity of the store
//!     64     8  sequence      from 1
//!     72     8  beat
//!     80    16  parent        the checksum of the previous superblock; 0 for the first
//!     96    32  acquired      last block: checksum 16, address 8; size 8
//!    128    32  released      the same
//!    160    24  manifest      oldest block: checksum 16, address 8
//!    184    24  manifest      newest block: the same
//!    208     4  manifest      blocks
//!    212     4  interval      bars from this checkpoint to the next
//!    216     8  blocks        of the store
//!    224   288  zero
//!    512        zero, to the end of the sector
//! ```
//!
//! - Numbers are little-endian.
//! - The checksum does not cover `copy`, so that all copies of a superblock have the same checksum.
//!   A copy that was written to the wrong slot is detected by its number.
//! - The checksum does not cover the zeros before and after the covered bytes either. A copy in
//!   which one of these bytes is not zero is damaged.

use std::fmt;

use zerocopy::little_endian::{U16, U32, U64, U128};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{ChangingOptions, CheckpointState, ManifestReferences, Trailer};
use crate::block::{BlockReference, Reason, checksum};
use crate::storage::Layout;

const VERSION: u16 = 2;
/// The offset of the bytes that the checksum covers.
const COVERED_OFFSET: usize = 32;
/// The reason why a superblock is not opened or written if its sequence is above
/// [`SuperblockHeader::SEQUENCE_MAX`].
pub(super) const TOO_MANY: Reason = Reason::Meaning("the number of checkpoints is too large");

/// A copy of the superblock as it is on the device.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SuperblockHeader {
    checksum: U128,
    copy: U16,
    copy_padding: [u8; 14],
    version: U16,
    copies: U16,
    sector_size: U32,
    block_size: U32,
    layout_padding: [u8; 4],
    store: U128,
    sequence: U64,
    beat: U64,
    parent: U128,
    acquired: TrailerBytes,
    released: TrailerBytes,
    manifest_oldest: ReferenceBytes,
    manifest_newest: ReferenceBytes,
    manifest_block_count: U32,
    checkpoint_interval: U32,
    block_count: U64,
    padding: [u8; 288],
}

const _: () = assert!(size_of::<SuperblockHeader>() == Layout::SUPERBLOCK_SIZE);

#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct ReferenceBytes {
    checksum: U128,
    address: U64,
}

#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct TrailerBytes {
    last: ReferenceBytes,
    size: U64,
}

impl SuperblockHeader {
    /// The largest sequence, inclusive. No store takes that many checkpoints, so a larger sequence
    /// is forged.
    pub(super) const SEQUENCE_MAX: u64 = 1 << 62;

    /// Returns the header that precedes the first superblock: all zero.
    pub(super) fn zero() -> Self {
        Self::new_zeroed()
    }

    /// Returns the superblock that follows `before`, of a store with this identity and layout, with
    /// this state.
    pub(super) fn following(
        before: &Self,
        layout: &Layout,
        store: u128,
        state: &CheckpointState,
    ) -> Self {
        let CheckpointState { beat, options, acquired, released, manifest } = state;
        let mut header = Self {
            version: U16::new(VERSION),
            copies: U16::new(layout.superblock_copies() as u16),
            sector_size: U32::new(layout.sector_size() as u32),
            block_size: U32::new(layout.block_size() as u32),
            store: U128::new(store),
            sequence: U64::new(before.sequence() + 1),
            beat: U64::new(*beat),
            parent: before.checksum,
            acquired: TrailerBytes::from(*acquired),
            released: TrailerBytes::from(*released),
            manifest_oldest: ReferenceBytes::from(manifest.oldest),
            manifest_newest: ReferenceBytes::from(manifest.newest),
            manifest_block_count: U32::new(manifest.block_count),
            checkpoint_interval: U32::new(options.checkpoint_interval),
            block_count: U64::new(options.block_count),
            ..Self::zero()
        };
        header.checksum = U128::new(header.compute_checksum());
        header
    }

    fn compute_checksum(&self) -> u128 {
        checksum(&self.as_bytes()[COVERED_OFFSET..])
    }

    /// Writes copy number `copy` into a buffer of whole sectors.
    pub(super) fn write(&self, copy: usize, bytes: &mut [u8]) {
        let header = Self { copy: U16::new(copy as u16), ..*self };
        let (own, rest) = bytes.split_at_mut(size_of::<Self>());
        own.copy_from_slice(header.as_bytes());
        rest.fill(0);
    }

    /// Reads the superblock from the bytes of slot number `copy`. Returns `None` if they are
    /// damaged or were written for another slot.
    #[must_use]
    pub fn read(copy: usize, bytes: &[u8]) -> Option<Self> {
        let (header, rest) = Self::ref_from_prefix(bytes).ok()?;
        let whole = header.checksum.get() == header.compute_checksum();
        let own = usize::from(header.copy.get()) == copy;
        let unused = header.copy_padding.iter().chain(rest).all(|byte| *byte == 0);
        // The first sequence is 1, so bytes that were never written are not a superblock. The
        // sequence of another version may be in another place.
        let is_known = !header.is_version_known() || header.sequence() > 0;
        (whole && own && unused && is_known).then_some(*header)
    }

    /// Returns whether the copy has the version of this format. The other fields of a copy of
    /// another version are not known, except its checksum and its number.
    pub(super) fn is_version_known(&self) -> bool {
        self.version.get() == VERSION
    }

    /// Checks the fields against each other and against the layout of the store. The version must
    /// be known. The number of blocks is not compared with that of the layout, which may be larger.
    pub(super) fn check_meaning(&self, layout: &Layout) -> Result<(), Reason> {
        if usize::from(self.copies.get()) != layout.superblock_copies()
            || self.sector_size.get() as usize != layout.sector_size()
            || self.block_size.get() as usize != layout.block_size()
        {
            return Err(Reason::Layout);
        }
        if self.padding.iter().chain(&self.layout_padding).any(|byte| *byte != 0) {
            return Err(Reason::Padding);
        }
        if self.sequence() > Self::SEQUENCE_MAX {
            return Err(TOO_MANY);
        }
        match self.state().contradiction() {
            Some(contradiction) => Err(Reason::Meaning(contradiction)),
            None => Ok(()),
        }
    }

    /// Returns the checksum that identifies the superblock. It is the same in all copies.
    #[must_use]
    pub fn checksum(&self) -> u128 {
        self.checksum.get()
    }

    /// Returns the checksum of the previous superblock; 0 for the first.
    #[must_use]
    pub fn parent(&self) -> u128 {
        self.parent.get()
    }

    /// Returns the sequence, from 1.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence.get()
    }

    /// Returns the identity of the store.
    #[must_use]
    pub fn store(&self) -> u128 {
        self.store.get()
    }

    /// Returns the state of the checkpoint.
    #[must_use]
    pub fn state(&self) -> CheckpointState {
        CheckpointState {
            beat: self.beat.get(),
            options: ChangingOptions {
                block_count: self.block_count.get(),
                checkpoint_interval: self.checkpoint_interval.get(),
            },
            acquired: self.acquired.into(),
            released: self.released.into(),
            manifest: ManifestReferences {
                oldest: self.manifest_oldest.into(),
                newest: self.manifest_newest.into(),
                block_count: self.manifest_block_count.get(),
            },
        }
    }

    /// Returns whether both are copies of the same superblock.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.checksum() == other.checksum()
    }
}

impl fmt::Debug for SuperblockHeader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SuperblockHeader")
            .field("sequence", &self.sequence())
            .field("checksum", &self.checksum())
            .field("parent", &self.parent())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl From<BlockReference> for ReferenceBytes {
    fn from(reference: BlockReference) -> Self {
        let BlockReference { checksum, address } = reference;
        Self { checksum: U128::new(checksum), address: U64::new(address) }
    }
}

impl From<ReferenceBytes> for BlockReference {
    fn from(bytes: ReferenceBytes) -> Self {
        Self { checksum: bytes.checksum.get(), address: bytes.address.get() }
    }
}

impl From<Trailer> for TrailerBytes {
    fn from(trailer: Trailer) -> Self {
        let Trailer { last, size } = trailer;
        Self { last: last.into(), size: U64::new(size) }
    }
}

impl From<TrailerBytes> for Trailer {
    fn from(bytes: TrailerBytes) -> Self {
        Self { last: bytes.last.into(), size: bytes.size.get() }
    }
}

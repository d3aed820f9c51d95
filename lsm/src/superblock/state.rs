//! What a checkpoint says: all that is needed to find the rest of the store.
//!
//! - References that mean nothing are all zero.
//!
//! What this does not do: it is not how it lies on the device; that is the header.

use crate::block::BlockReference;

/// What a checkpoint says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckpointState {
    /// The last beat whose effects are in it; 0 for a store that was just formatted.
    pub beat: u64,
    /// Which blocks are acquired, encoded.
    pub acquired: Trailer,
    /// Which of them are released, encoded.
    pub released: Trailer,
    /// Where the manifest log is.
    pub manifest: ManifestReferences,
}

/// Bytes in a chain of blocks, each of which refers to the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trailer {
    /// The last block of the chain; zero if there are no bytes.
    pub last: BlockReference,
    /// The bytes in all blocks together.
    pub size: u64,
}

/// The ends of the manifest log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManifestReferences {
    /// The first block; zero if there is none.
    pub oldest: BlockReference,
    /// The last block; zero if there is none.
    pub newest: BlockReference,
    /// The blocks.
    pub block_count: u32,
}

impl CheckpointState {
    /// What contradicts itself, if anything does.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let Self { beat: _, acquired, released, manifest } = self;
        for trailer in [acquired, released] {
            let empty = trailer.size == 0;
            if empty != (trailer.last == BlockReference::default()) {
                return Some("a trailer has blocks if and only if it has bytes");
            }
            if !empty && trailer.last.address == 0 {
                return Some("a trailer with bytes has an address");
            }
        }
        let ManifestReferences { oldest, newest, block_count } = manifest;
        let none = BlockReference::default();
        let agree = match block_count {
            0 => *oldest == none && *newest == none,
            1 => oldest == newest && oldest.address != 0,
            _ => oldest != newest && oldest.address != 0 && newest.address != 0,
        };
        (!agree).then_some("the ends of the manifest log agree with its length")
    }

    /// # Panics
    ///
    /// If it contradicts itself.
    pub(super) fn assert_valid(&self) {
        if let Some(contradiction) = self.contradiction() {
            panic!("superblock: {contradiction}");
        }
    }
}

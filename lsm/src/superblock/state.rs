//! The state of a checkpoint: everything that is needed to find the rest of the store.
//!
//! - A reference to no block is all zeros.

use crate::block::BlockReference;

/// The state of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckpointState {
    /// The last beat whose effects are in the checkpoint; 0 for a store that was just formatted.
    pub beat: u64,
    /// The options that may change when the store is opened.
    pub options: ChangingOptions,
    /// The encoded set of acquired blocks.
    pub acquired: Trailer,
    /// The encoded set of released blocks, which is a subset of the acquired ones.
    pub released: Trailer,
    /// The oldest and the newest block of the manifest log.
    pub manifest: ManifestReferences,
}

/// The options that may change when a store is opened. The store decides by those of its last
/// checkpoint until it takes the next one. The superblock does not interpret them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangingOptions {
    /// The number of blocks of the store.
    pub block_count: u64,
    /// The number of bars from this checkpoint to the next, unless it is taken earlier.
    pub checkpoint_interval: u32,
}

/// Bytes in a chain of blocks, each of which refers to the previous one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trailer {
    /// The last block of the chain; zero if there are no bytes.
    pub last: BlockReference,
    /// The number of bytes in all blocks together.
    pub size: u64,
}

/// The oldest and the newest block of the manifest log, and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManifestReferences {
    /// The oldest block; zero if there is none.
    pub oldest: BlockReference,
    /// The newest block; zero if there is none.
    pub newest: BlockReference,
    /// The number of blocks.
    pub block_count: u32,
}

impl CheckpointState {
    /// Returns the first requirement that the fields do not meet, or `None` if they meet all
    /// requirements.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let Self { beat: _, options: _, acquired, released, manifest } = self;
        for trailer in [acquired, released] {
            let empty = trailer.size == 0;
            if empty != (trailer.last == BlockReference::default()) {
                return Some("a trailer must have blocks if and only if it has bytes");
            }
            if !empty && trailer.last.address == 0 {
                return Some("a trailer with bytes must have an address");
            }
        }
        let ManifestReferences { oldest, newest, block_count } = manifest;
        let none = BlockReference::default();
        let agree = match block_count {
            0 => *oldest == none && *newest == none,
            1 => oldest == newest && oldest.address != 0,
            _ => oldest != newest && oldest.address != 0 && newest.address != 0,
        };
        (!agree).then_some("the ends of the manifest log must agree with its length")
    }

    /// # Panics
    ///
    /// If the state contradicts itself.
    pub(super) fn assert_valid(&self) {
        if let Some(contradiction) = self.contradiction() {
            panic!("superblock: {contradiction}");
        }
    }
}

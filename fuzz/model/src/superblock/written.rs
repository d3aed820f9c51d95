//! Superblocks as they were written.

use super::State;

/// A superblock as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The identity of the store.
    pub store: u128,
    /// Its sequence number, from 1.
    pub sequence: u64,
    /// Its state.
    pub state: State,
    /// The checksum of its parent; 0 for the first.
    pub parent: u128,
    /// Its checksum, once the system has reported it.
    pub checksum: Option<u128>,
}

impl Written {
    /// Whether `seen`, which has a checksum, matches this superblock.
    pub(super) fn is(&self, seen: &Self) -> bool {
        let known = self.checksum.is_none() || self.checksum == seen.checksum;
        known && Self { checksum: None, ..*self } == Self { checksum: None, ..*seen }
    }

    /// The superblock in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let Written { store, sequence, state, parent, checksum } = self;
        let checksum =
            checksum.map_or_else(String::new, |checksum| format!(", checksum {checksum:032x}"));
        format!(
            "sequence {sequence}, beat {}, store {store:#x}, parent {parent:032x}{checksum}, {} blocks of the \
             manifest, {} and {} bytes of the free set",
            state.beat, state.block_count, state.acquired.size, state.released.size,
        )
    }
}

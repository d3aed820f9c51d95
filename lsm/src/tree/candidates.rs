//! The tables that may hold a key: at most one a level.
//!
//! - They are in the order of levels, so that the first that has the key has its newest version.
//!
//! What this does not do: it reads nothing. References end with the next half of a bar.

use crate::block::BlockReference;
use crate::manifest::{Manifest, TableKey};

/// The most levels of a tree.
pub(super) const LEVELS_MAX: usize = 8;

/// The index blocks of the tables that may hold a key, from one level on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidates {
    indexes: [BlockReference; LEVELS_MAX],
    count: u8,
    /// The next one.
    next: u8,
}

impl Candidates {
    pub(super) fn find<K: TableKey>(manifest: &Manifest<K>, key: K, level_min: u32) -> Self {
        let mut candidates =
            Self { indexes: [BlockReference::default(); LEVELS_MAX], count: 0, next: 0 };
        for level in level_min..manifest.levels().len() as u32 {
            if let Some(table) = manifest.table_for(level, key) {
                candidates.indexes[candidates.count as usize] = table.reference();
                candidates.count += 1;
            }
        }
        candidates
    }

    pub(super) fn next(&mut self) -> Option<BlockReference> {
        let next = (self.next < self.count).then(|| self.indexes[self.next as usize])?;
        self.next += 1;
        Some(next)
    }
}

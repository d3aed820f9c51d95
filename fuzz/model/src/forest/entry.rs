//! A record of a plain tree, as the model sees it: a key and a stamp.

use crate::groove::{Rule, Stored};

/// A record of a plain tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key. It takes the place of an object's timestamp.
    pub key: u64,
    /// The number of the write that put the record.
    pub stamp: u64,
}

impl Stored for Entry {
    const FIELDS: &'static [Rule] = &[];

    fn timestamp(&self) -> u64 {
        self.key
    }

    fn primary(&self) -> u128 {
        self.key.into()
    }

    fn value(&self, _field: usize) -> u128 {
        0
    }
}

//! The newest value of each key in the runs of a table.
//!
//! ```text
//! values     b1 d2 f3 | a4 c5 | c6 f7 g8 . . .      runs, an extension of the last one, a tail
//! index      a4 b1 c6 d2 f7                         the position of each newest value
//!            up to here ----------> ^
//! ```
//!
//! - A lookup takes constant time, however many runs there are.
//! - The index is extended when a run is added, because the values of a run do not move. It has no
//!   values that extended the last run since, and none of the tail: a put takes no time for it, and
//!   a discarded scope changes nothing in it.
//! - Only the constructor allocates.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::MemoryTableOptions;
use crate::collections::KeyHash;
use crate::record::{Key, Record};

/// The newest value of each key; see the [module](self).
#[derive(Debug)]
pub(super) struct PointIndex {
    /// The positions of the values.
    newest: HashTable<u32>,
    /// One past the last value that was indexed.
    end: u32,
}

impl PointIndex {
    pub(super) fn new(options: &MemoryTableOptions) -> Self {
        Self { newest: HashTable::with_capacity(options.value_count_max as usize), end: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.newest.clear();
        self.end = 0;
    }

    /// One past the last value that was indexed.
    #[inline]
    pub(super) fn end(&self) -> u32 {
        self.end
    }

    /// Adds the values that are not indexed yet. They are newer than all others.
    pub(super) fn extend<R: Record>(&mut self, values: &[R]) {
        let hash_at = |position: &u32| hash(values[*position as usize].key());
        for position in self.end..values.len() as u32 {
            let key = values[position as usize].key();
            let is_equal = |other: &u32| values[*other as usize].key() == key;
            match self.newest.entry(hash(key), is_equal, hash_at) {
                Entry::Occupied(mut older) => *older.get_mut() = position,
                Entry::Vacant(place) => {
                    place.insert(position);
                }
            }
        }
        self.end = values.len() as u32;
    }

    /// The newest indexed value of a key.
    #[inline]
    pub(super) fn find<'a, R: Record>(&self, values: &'a [R], key: R::Key) -> Option<&'a R> {
        let is_equal = |position: &u32| values[*position as usize].key() == key;
        let position = self.newest.find(hash(key), is_equal)?;
        Some(&values[*position as usize])
    }

    /// Checks that each indexed value is found by its key, unless a newer one has the key.
    pub(super) fn verify<R: Record>(&self, values: &[R]) {
        let mut count = 0;
        for (position, value) in values[..self.end as usize].iter().enumerate() {
            let is_equal = |other: &u32| values[*other as usize].key() == value.key();
            let newest = self.newest.find(hash(value.key()), is_equal).copied();
            let is_found =
                newest.is_some_and(|newest| newest as usize >= position && newest < self.end);
            assert!(is_found, "memory_table: the newest value of a key must be found ({value:?})");
            count += usize::from(newest == Some(position as u32));
        }
        assert!(
            count == self.newest.len(),
            "memory_table: a key must be indexed once ({count}, {})",
            self.newest.len(),
        );
    }
}

#[inline]
fn hash(key: impl Key) -> u64 {
    KeyHash::new().hash_one(key)
}

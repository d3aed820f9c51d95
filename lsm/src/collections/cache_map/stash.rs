//! The stash of a cache map: entries and tombstones by key. Nothing is evicted from the stash.
//!
//! ```text
//! index      hash table of positions, at most half full
//! entries    [ hash, entry ] [ hash, entry ] ...        dense: the last entry fills a gap
//! ```
//!
//! - The index contains exactly one position for each entry, under the entry's hash.
//! - No two entries have the same key.
//! - There are at most `capacity` entries, live ones and tombstones together. Nothing is allocated
//!   after construction.
//! - The order of entries depends only on the calls, not on hashes or on the processor.
//!
//! The index is sparse, but its slots have only four bytes each. The stash needs no hasher, because
//! each entry stores its hash. The caller passes `hash`, which must be the same function of the key
//! in all calls on one stash.

use std::mem::replace;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as IndexEntry;

use crate::collections::Cached;

#[derive(Debug)]
pub(super) struct Stash<V: Cached> {
    capacity: usize,
    index: HashTable<u32>,
    /// Whether the index may contain deletion marks of removed positions, which lengthen searches.
    index_has_marks: bool,
    entries: Vec<Hashed<V>>,
}

/// The entry of a key in the stash.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<V: Cached> {
    Live(V),
    Removed(V::Key),
}

impl<V: Cached> Entry<V> {
    #[inline]
    pub(super) fn key(&self) -> V::Key {
        match self {
            Self::Live(value) => value.key(),
            Self::Removed(key) => *key,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Hashed<V: Cached> {
    hash: u64,
    entry: Entry<V>,
}

impl<V: Cached> Stash<V> {
    pub(super) fn new(capacity: u32) -> Self {
        let capacity = capacity as usize;
        Self {
            capacity,
            // Before a search, the table makes room for one more entry. If all entries and this one
            // take at most half of the table's slots, the table makes room in place and does not
            // allocate.
            index: HashTable::with_capacity((capacity + 1) * 2),
            index_has_marks: false,
            entries: Vec::with_capacity(capacity),
        }
    }

    /// Drops all entries. Writes one byte for each slot of the index.
    pub(super) fn clear(&mut self) {
        // On an empty table, `clear` does nothing and the deletion marks remain. If the table has
        // an element, `clear` removes the marks as well.
        if self.index.is_empty() && self.index_has_marks {
            self.index.insert_unique(0, 0, |_| 0);
        }
        self.index.clear();
        self.index_has_marks = false;
        self.entries.clear();
    }

    /// Puts an entry. Returns the replaced entry of the same key, if there is one.
    #[inline]
    pub(super) fn put(&mut self, hash: u64, entry: Entry<V>) -> Option<Entry<V>> {
        let Self { capacity, index, entries, .. } = self;
        let key = entry.key();
        let place = index.entry(
            hash,
            |&position| entries[position as usize].entry.key() == key,
            |&position| entries[position as usize].hash,
        );
        match place {
            IndexEntry::Occupied(found) => {
                let position = *found.get() as usize;
                Some(replace(&mut entries[position].entry, entry))
            }
            IndexEntry::Vacant(place) => {
                assert!(
                    entries.len() < *capacity,
                    "cache_map: the stash is full (capacity {capacity}): \
                     compact at least every {capacity} writes",
                );
                place.insert(entries.len() as u32);
                entries.push(Hashed { hash, entry });
                None
            }
        }
    }

    /// Turns the live entry of this key into a tombstone and returns its value. Returns `None` and
    /// changes nothing if there is no live entry.
    #[inline]
    pub(super) fn bury(&mut self, hash: u64, key: V::Key) -> Option<V> {
        let position = self.find(hash, key)?;
        let entry = &mut self.entries[position].entry;
        let Entry::Live(value) = *entry else { return None };
        *entry = Entry::Removed(key);
        Some(value)
    }

    /// Removes and returns the entry of this key. Leaves no tombstone.
    #[inline]
    pub(super) fn remove(&mut self, hash: u64, key: V::Key) -> Option<Entry<V>> {
        let Self { index, entries, .. } = self;
        let is_key = |&position: &u32| entries[position as usize].entry.key() == key;
        let (position, _) = index.find_entry(hash, is_key).ok()?.remove();
        self.index_has_marks = true;

        let removed = entries.swap_remove(position as usize);
        if let Some(moved) = entries.get(position as usize) {
            let position_old = entries.len() as u32;
            *index
                .find_mut(moved.hash, |&position| position == position_old)
                .expect("cache_map: every entry of the stash is in its index") = position;
        }
        Some(removed.entry)
    }

    #[inline]
    pub(super) fn get(&self, hash: u64, key: V::Key) -> Option<&Entry<V>> {
        Some(&self.entries[self.find(hash, key)?].entry)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<V>> {
        self.entries.iter().map(|hashed| &hashed.entry)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn check(&self) {
        for (position, hashed) in self.entries.iter().enumerate() {
            assert!(
                self.find(hashed.hash, hashed.entry.key()) == Some(position),
                "cache_map: a key must be in the stash once, and in its index",
            );
        }
        assert!(
            self.index.len() == self.entries.len(),
            "cache_map: the stash's index must have one position for each entry",
        );
        assert!(
            self.entries.len() <= self.capacity,
            "cache_map: the stash must not hold more than its capacity",
        );
    }

    #[inline]
    fn find(&self, hash: u64, key: V::Key) -> Option<usize> {
        self.index
            .find(hash, |&position| self.entries[position as usize].entry.key() == key)
            .map(|&position| position as usize)
    }
}

#[cfg(test)]
mod tests;

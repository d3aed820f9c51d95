//! What a cache map shows of itself, and the check of its invariants.
//!
//! - Nothing here changes anything.
//!
//! What this does not do: it does not repair, and it does not look keys up.

use std::hash::BuildHasher;

use super::stash::Entry;
use super::{CacheMap, CacheMapOptions, StashEntry, Statistics};
use crate::collections::Cached;
use crate::collections::set_associative_cache::Slots;

impl<V: Cached, S: BuildHasher> CacheMap<V, S> {
    /// Whether a scope is open.
    #[must_use]
    #[inline]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_open()
    }

    /// The number of writes in the open scope, 0 if there is none: the entries of the undo log.
    #[must_use]
    #[inline]
    pub fn scope_len(&self) -> usize {
        self.scope.len()
    }

    /// What the map was built from.
    #[must_use]
    pub fn options(&self) -> &CacheMapOptions {
        &self.options
    }

    /// The values in the cache, in the order of its slots. None, if there is no cache.
    pub fn slots(&self) -> impl Iterator<Item = &V> {
        self.cache.iter().flat_map(Slots::iter)
    }

    /// The entries of the stash, in an order that follows from the calls alone: it does not depend
    /// on hashes. An entry that leaves is replaced by the last one.
    pub fn stash(&self) -> impl Iterator<Item = StashEntry<'_, V>> {
        self.stash.iter().map(|entry| match entry {
            Entry::Live(value) => StashEntry::Live(value),
            Entry::Removed(key) => StashEntry::Removed(*key),
        })
    }

    /// The number of entries in the stash: live ones and tombstones, as both take room.
    #[must_use]
    #[inline]
    pub fn stash_len(&self) -> usize {
        self.stash.len()
    }

    /// What happened since construction or the latest reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Checks all invariants. Takes time in proportion to the slots and the stash.
    ///
    /// # Panics
    ///
    /// If one is broken; the message says which.
    pub fn check(&self) {
        if let Some(cache) = &self.cache {
            cache.check(&self.hasher);
        }
        self.stash.check();
        if let Some(cache) = &self.cache {
            for entry in self.stash.iter() {
                let hash = self.hasher.hash_one(entry.key());
                assert!(
                    cache.peek(hash, entry.key()).is_none(),
                    "cache_map: a key of the stash must not be in the cache",
                );
            }
        }
        self.scope.check();
    }
}

//! Read access to the state of a cache map, and the check of its invariants.

use std::hash::BuildHasher;

use super::stash::Entry;
use super::{CacheMap, CacheMapOptions, StashEntry, Statistics};
use crate::collections::Cached;
use crate::collections::set_associative_cache::Slots;

impl<V: Cached, S: BuildHasher> CacheMap<V, S> {
    /// Returns whether a scope is open.
    #[must_use]
    #[inline]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_open()
    }

    /// Returns the number of entries in the undo log: the writes in the open scope, or 0 if no
    /// scope is open.
    #[must_use]
    #[inline]
    pub fn scope_len(&self) -> usize {
        self.scope.len()
    }

    /// Returns the options that the map was built with.
    #[must_use]
    pub fn options(&self) -> &CacheMapOptions {
        &self.options
    }

    /// Iterates over the values in the cache, in the order of its slots. Yields nothing if the map
    /// has no cache.
    pub fn slots(&self) -> impl Iterator<Item = &V> {
        self.cache.iter().flat_map(Slots::iter)
    }

    /// Iterates over the entries of the stash. Their order depends only on the calls, not on
    /// hashes: when an entry is removed, the last one takes its place.
    pub fn stash(&self) -> impl Iterator<Item = StashEntry<'_, V>> {
        self.stash.iter().map(|entry| match entry {
            Entry::Live(value) => StashEntry::Live(value),
            Entry::Removed(key) => StashEntry::Removed(*key),
        })
    }

    /// Returns the number of entries in the stash, tombstones included.
    #[must_use]
    #[inline]
    pub fn stash_len(&self) -> usize {
        self.stash.len()
    }

    /// Returns the counters since construction or the last reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Checks all invariants, in time proportional to the number of slots and stash entries.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
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

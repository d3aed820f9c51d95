//! A map of the records that are written in one bar: a cache, a stash for the entries that the
//! cache evicts, and an undo log.
//!
//! ```text
//!      get, upsert, remove
//!             |
//!        [ cache ]        survives compactions; an insert may evict one entry
//!         |     ^
//!  evict  v     |  upsert
//!        [ stash ]        live entries and tombstones; emptied by each compaction
//!
//!        [ scope ]        undo log: what the writes of the open scope replaced
//! ```
//!
//! - An entry written since the last compaction is found, with its latest value.
//! - An entry written before the last compaction may be missing. If it is found, it has its latest
//!   value.
//! - A removed key is not found. Until the next compaction the map distinguishes it from an unknown
//!   key.
//! - A live key is either in the cache or in the stash, never in both. A tombstone is in the stash,
//!   and its key is not in the cache.
//! - A write adds at most one entry to the stash. If the write is undone, the write and its undo
//!   together still add at most one. So the stash never overflows if there are at most
//!   `stash_capacity` writes between two compactions, whether they are persisted or discarded.
//! - If no scope is open, the undo log is empty.
//!
//! A key that is absent from the map may have a record elsewhere; a removed key has no record
//! anywhere. A returned reference is valid until the next call. A caller that updates several
//! values must copy them first, because an upsert may move any other entry.
//!
//! Files: `options`, `statistics`, `stash` and `scope` have one part of the map each, `transfer`
//! moves entries between the cache and the stash, `inspect` reads and checks the state. The public
//! operations are in this file.

mod inspect;
mod options;
mod scope;
mod stash;
mod statistics;
mod transfer;

use std::hash::BuildHasher;

pub use options::CacheMapOptions;
pub use scope::ScopeOutcome;
pub use statistics::Statistics;

use scope::{Undo, UndoLog};
use stash::{Entry, Stash};

use super::set_associative_cache::Slots;
use super::{Cached, InvalidOptions};
use crate::check::verify;

/// A map that keeps every entry written since the last compaction; see the [module](self).
#[derive(Debug)]
pub struct CacheMap<V: Cached, S> {
    options: CacheMapOptions,
    hasher: S,
    cache: Option<Slots<V>>,
    stash: Stash<V>,
    scope: UndoLog<V>,
    statistics: Statistics,
}

/// The result of a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMapLookup<'a, V> {
    /// The key is live and has this value.
    Found(&'a V),
    /// The key was removed and not written since. After a compaction the key is absent instead.
    Removed,
    /// The map does not know the key.
    Absent,
}

/// An entry of the stash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StashEntry<'a, V: Cached> {
    /// A live entry with this value.
    Live(&'a V),
    /// A tombstone of this key.
    Removed(V::Key),
}

impl<V: Cached, S: BuildHasher> CacheMap<V, S> {
    /// Creates an empty map. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid; see [`CacheMapOptions::validate`].
    pub fn new(options: CacheMapOptions, hasher: S) -> Result<Self, InvalidOptions> {
        options.validate()?;
        Ok(Self {
            options,
            hasher,
            cache: options.cache.map(Slots::new).transpose()?,
            stash: Stash::new(options.stash_capacity),
            scope: UndoLog::new(options.scope_capacity),
            statistics: Statistics::default(),
        })
    }

    /// Returns the value of this key. If the entry is in the cache, it is strengthened; if it is in
    /// the stash, it stays there.
    #[inline]
    pub fn get(&mut self, key: V::Key) -> Option<&V> {
        match self.lookup(key) {
            CacheMapLookup::Found(value) => Some(value),
            CacheMapLookup::Removed | CacheMapLookup::Absent => None,
        }
    }

    /// Looks a key up as [`CacheMap::get`] does, and distinguishes a removed key from an unknown
    /// one.
    #[inline]
    pub fn lookup(&mut self, key: V::Key) -> CacheMapLookup<'_, V> {
        let hash = self.hasher.hash_one(key);
        if let Some(cache) = &mut self.cache
            && let Some(value) = cache.get(hash, key)
        {
            self.statistics.hits_cache += 1;
            return CacheMapLookup::Found(value);
        }
        match self.stash.get(hash, key) {
            Some(Entry::Live(value)) => {
                self.statistics.hits_stash += 1;
                CacheMapLookup::Found(value)
            }
            Some(Entry::Removed(_)) => {
                self.statistics.hits_tombstone += 1;
                CacheMapLookup::Removed
            }
            None => {
                self.statistics.misses += 1;
                CacheMapLookup::Absent
            }
        }
    }

    /// Inserts this value, or replaces the value of the same key.
    ///
    /// # Panics
    ///
    /// If the stash is full, because there were more than `stash_capacity` writes since the last
    /// compaction; or if a scope is open and already has `scope_capacity` writes.
    #[inline]
    pub fn upsert(&mut self, value: &V) {
        self.scope.assert_room();
        let previous = self.put(value);
        match previous {
            Some(Entry::Live(_)) => self.statistics.updates += 1,
            Some(Entry::Removed(_)) | None => self.statistics.inserts += 1,
        }
        if self.scope.is_open() {
            self.scope.push(match previous {
                Some(Entry::Live(value)) => Undo::Restore(value),
                Some(Entry::Removed(key)) => Undo::RestoreTombstone(key),
                None => Undo::RemoveInserted(value.key()),
            });
        }
    }

    /// Removes the entry of this key and leaves a tombstone.
    ///
    /// # Panics
    ///
    /// If this key has no live entry; or if the stash or the undo log of the open scope is full, as
    /// in [`CacheMap::upsert`].
    #[inline]
    pub fn remove(&mut self, key: V::Key) {
        self.scope.assert_room();
        let value = self.bury(key);
        if self.scope.is_open() {
            self.scope.push(Undo::Restore(value));
        }
    }

    /// Empties the stash, including its tombstones. The cache stays as it is.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn compact(&mut self) {
        assert!(!self.scope.is_open(), "cache_map: close the scope before compacting");
        // Check the entries before they are dropped.
        verify!(self.check());
        self.statistics.compactions += 1;
        self.statistics.stash_dropped += self.stash.len() as u64;
        self.stash.clear();
        verify!(self.check());
    }

    /// Opens a scope, which records how to undo the writes that follow.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        self.scope.open();
    }

    /// Closes the scope, and keeps or undoes its writes.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, outcome: ScopeOutcome) {
        self.scope.close();
        match outcome {
            ScopeOutcome::Persist => {
                self.statistics.scopes_persisted += 1;
                self.scope.forget();
            }
            ScopeOutcome::Discard => {
                self.statistics.scopes_discarded += 1;
                while let Some(undo) = self.scope.pop() {
                    self.undo(undo);
                }
            }
        }
        verify!(self.check());
    }

    /// Returns the map to its initial state, without allocating. An open scope is dropped.
    ///
    /// Takes time proportional to the number of slots and the capacity of the stash. Writes a few
    /// bytes for each and does not touch the values.
    pub fn reset(&mut self) {
        let Self { options: _, hasher: _, cache, stash, scope, statistics } = self;
        if let Some(cache) = cache {
            cache.reset();
        }
        stash.clear();
        scope.reset();
        *statistics = Statistics::default();
        verify!(self.check());
    }
}

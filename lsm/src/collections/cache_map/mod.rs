//! A map of records for one bar of writes: a cache on top, a stash that loses nothing below, and a
//! log to take writes back.
//!
//! ```text
//!      get, upsert, remove
//!             |
//!        [ cache ]        survives compactions; an insert may evict one entry
//!         |     ^
//!  evict  v     |  upsert
//!        [ stash ]        live entries and tombstones; emptied by each compaction
//!
//!        [ scope ]        what the writes of an open scope replaced
//! ```
//!
//! - An entry written since the latest compaction is found, with the value written last.
//! - An entry written before it may be found or not; if it is, with the value written last.
//! - A removed key is not found. Until the next compaction it is told from one never seen.
//! - A live key is in the cache or in the stash, never in both; a tombstone is in the stash, and
//!   its key not in the cache.
//! - The stash grows by at most one entry a write. A write that is undone counts once: writing and
//!   undoing together add at most one, at every point in between. So `stash_capacity` bounds the
//!   writes between two compactions, however many of them were discarded.
//! - Outside of a scope the undo log is empty.
//!
//! What it does not do: it knows no other place where a record may be. A key that is absent here
//! can well exist there; a removed one cannot. References end with the next call: copy values out
//! before updating several of them, since one upsert may move any other entry.
//!
//! Files: `options`, `statistics`, `stash` and `scope` are the parts, `transfer` moves entries
//! between them, `inspect` shows and checks; the calls are here.

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

use scope::{Scope, Undo};
use stash::{Entry, Stash};

use super::set_associative_cache::Slots;
use super::{Cached, InvalidOptions};
use crate::check::verify;

/// A map that surely holds what was written since the latest compaction; see the [module](self).
#[derive(Debug)]
pub struct CacheMap<V: Cached, S> {
    options: CacheMapOptions,
    hasher: S,
    cache: Option<Slots<V>>,
    stash: Stash<V>,
    scope: Scope<V>,
    statistics: Statistics,
}

/// What a lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a, V> {
    /// The value.
    Found(&'a V),
    /// A tombstone: the key was removed, and not written since. Known until the next compaction.
    Removed,
    /// Nothing is known of this key.
    Absent,
}

/// An entry of the stash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StashEntry<'a, V: Cached> {
    /// A value.
    Live(&'a V),
    /// A tombstone of this key.
    Removed(V::Key),
}

impl<V: Cached, S: BuildHasher> CacheMap<V, S> {
    /// An empty map. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`CacheMapOptions::validate`] refuses the options.
    pub fn new(options: CacheMapOptions, hasher: S) -> Result<Self, InvalidOptions> {
        options.validate()?;
        Ok(Self {
            options,
            hasher,
            cache: options.cache.map(Slots::new).transpose()?,
            stash: Stash::new(options.stash_capacity),
            scope: Scope::new(options.scope_capacity),
            statistics: Statistics::default(),
        })
    }

    /// The value of this key. An entry of the cache is strengthened; one of the stash stays there.
    #[inline]
    pub fn get(&mut self, key: V::Key) -> Option<&V> {
        match self.lookup(key) {
            Lookup::Found(value) => Some(value),
            Lookup::Removed | Lookup::Absent => None,
        }
    }

    /// As [`CacheMap::get`], and tells a removed key from one of which nothing is known.
    #[inline]
    pub fn lookup(&mut self, key: V::Key) -> Lookup<'_, V> {
        let hash = self.hasher.hash_one(key);
        if let Some(cache) = &mut self.cache
            && let Some(value) = cache.get(hash, key)
        {
            self.statistics.hits_cache += 1;
            return Lookup::Found(value);
        }
        match self.stash.get(hash, key) {
            Some(Entry::Live(value)) => {
                self.statistics.hits_stash += 1;
                Lookup::Found(value)
            }
            Some(Entry::Removed(_)) => {
                self.statistics.hits_tombstone += 1;
                Lookup::Removed
            }
            None => {
                self.statistics.misses += 1;
                Lookup::Absent
            }
        }
    }

    /// Puts this value in, in place of the one of the same key, if there is one.
    ///
    /// # Panics
    ///
    /// If the stash is full: more than `stash_capacity` writes since the latest compaction. If a
    /// scope is open and had `scope_capacity` writes already.
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

    /// Takes the entry of this key out, and leaves a tombstone.
    ///
    /// # Panics
    ///
    /// If this key has no live entry here. If the stash is full, or the log of the open scope, as
    /// in [`CacheMap::upsert`].
    #[inline]
    pub fn remove(&mut self, key: V::Key) {
        self.scope.assert_room();
        let value = self.bury(key);
        if self.scope.is_open() {
            self.scope.push(Undo::Restore(value));
        }
    }

    /// Empties the stash, tombstones included. The cache stays as it is.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn compact(&mut self) {
        assert!(!self.scope.is_open(), "cache_map: close the scope before compacting");
        // What is dropped below could not be checked any more.
        verify!(self.check());
        self.statistics.compactions += 1;
        self.statistics.stash_dropped += self.stash.len() as u64;
        self.stash.clear();
        verify!(self.check());
    }

    /// Opens a scope: from now on writes can be undone.
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

    /// Makes the map as new, without allocating. An open scope is dropped.
    ///
    /// Takes time in proportion to the slots and the stash's capacity, at some bytes each; values
    /// are not touched.
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

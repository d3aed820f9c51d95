//! A bounded cache of records. A key may be in any slot of one set, and the clock of that set
//! chooses the entry to evict.
//!
//! ```text
//!            hash(key) ----> set = high 64 bits of hash * sets,  tag = low 8 bits of hash
//!
//!            way 0   way 1   way 2   way 3
//! tags       [ 3f ]  [ a0 ]  [ 3f ]  [ .. ]    all compared at once with the tag
//! counts     [  1 ]  [  3 ]  [  2 ]  [  0 ]    0 marks an empty slot; the set's hand moves along
//! values     [    ]  [    ]  [    ]  [    ]    keys are compared where tags are equal
//! ```
//!
//! - A slot is empty if and only if its count is 0.
//! - A live key is in exactly one slot. The hash of the key selects the set of the slot and
//!   determines its tag.
//! - An insert evicts at most one entry, and only from the same set.
//! - Memory is allocated only at construction. A reset takes time proportional to the tags and
//!   clocks, and does not touch the values.
//!
//! The cache may evict any entry. [`CacheMap`](super::CacheMap) keeps the evicted entries.
//!
//! Files: `options` has the shape, `tags` finds candidates, `clock` chooses the entry to evict,
//! `slots` combines them, and this file adds the hasher.

mod clock;
mod options;
mod slots;
mod tags;

use std::hash::BuildHasher;

pub use options::{CacheOptions, Ways};
pub(in crate::collections) use slots::Slots;

use super::{Cached, InvalidOptions};

/// A set-associative cache with n-th chance eviction; see the [module](self).
#[derive(Debug)]
pub struct SetAssociativeCache<V: Cached, S> {
    slots: Slots<V>,
    hasher: S,
}

impl<V: Cached, S: BuildHasher> SetAssociativeCache<V, S> {
    /// Creates an empty cache of this shape. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// Returns an error if the options are invalid; see [`CacheOptions::validate`].
    pub fn new(options: CacheOptions, hasher: S) -> Result<Self, InvalidOptions> {
        Ok(Self { slots: Slots::new(options)?, hasher })
    }

    /// Returns the value of this key, or `None` if it is not in the cache. The entry is
    /// strengthened: it survives one more pass of the hand, two at most.
    #[inline]
    pub fn get(&mut self, key: V::Key) -> Option<&V> {
        self.slots.get(self.hasher.hash_one(key), key)
    }

    /// Returns the value of this key, or `None` if it is not in the cache. Nothing changes.
    #[inline]
    pub fn peek(&self, key: V::Key) -> Option<&V> {
        self.slots.peek(self.hasher.hash_one(key), key)
    }

    /// Inserts this value, or replaces the value of the same key. In both cases the next pass of
    /// the hand evicts the entry, unless the entry is read before that.
    #[inline]
    pub fn upsert(&mut self, value: &V) -> Upserted<V> {
        self.slots.upsert(self.hasher.hash_one(value.key()), value)
    }

    /// Removes and returns the value of this key, or returns `None` if it is not in the cache.
    #[inline]
    pub fn remove(&mut self, key: V::Key) -> Option<V> {
        self.slots.remove(self.hasher.hash_one(key), key)
    }

    /// Returns the cache to its initial state, without allocating.
    pub fn reset(&mut self) {
        self.slots.reset();
        crate::check::verify!(self.check());
    }

    /// Iterates over the values in the order of slots.
    pub fn slots(&self) -> impl Iterator<Item = &V> {
        self.slots.iter()
    }

    /// Returns the number of values.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether the cache has no values.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of slots. An insert into a full set evicts an entry even if other sets
    /// have empty slots.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.options().slot_count()
    }

    /// Returns the options that the cache was built with.
    #[must_use]
    pub fn options(&self) -> &CacheOptions {
        self.slots.options()
    }

    /// Checks all invariants, in time proportional to the number of slots.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn check(&self) {
        self.slots.check(&self.hasher);
    }
}

/// The effect of an upsert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted<V> {
    /// The key was not in the cache.
    Inserted {
        /// The entry of the same set that was evicted, if the set was full.
        evicted: Option<V>,
    },
    /// The key was in the cache.
    Updated {
        /// The replaced value.
        previous: V,
    },
}

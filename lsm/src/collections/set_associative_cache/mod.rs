//! A bounded cache of records. A key may lie in any slot of one set, and the clock of that set
//! decides which entry gives way.
//!
//! ```text
//!            hash(key) ----> set = high 64 bits of hash * sets,  tag = low 8 bits of hash
//!
//!            way 0   way 1   way 2   way 3
//! tags       [ 3f ]  [ a0 ]  [ 3f ]  [ .. ]    all compared at once with the tag
//! counts     [  1 ]  [  3 ]  [  2 ]  [  0 ]    0 is an empty slot; the hand of the set moves here
//! values     [    ]  [    ]  [    ]  [    ]    keys are compared where tags are equal
//! ```
//!
//! - A slot is empty if and only if its count is 0.
//! - A live key lies in the set of its hash, in one slot only, and the slot's tag is the hash's.
//! - An insert evicts at most one entry, and only one of the same set.
//! - Memory is allocated at construction only. A reset costs time for tags and clocks, not values.
//!
//! What it does not do: it does not promise that what was put in is still there. For that, see
//! [`CacheMap`](super::CacheMap).
//!
//! Files: `options` is the shape, `tags` finds candidates, `clock` chooses who gives way, `slots`
//! puts them together; this one adds the hasher.

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
    /// An empty cache of this shape. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`CacheOptions::validate`] refuses the options.
    pub fn new(options: CacheOptions, hasher: S) -> Result<Self, InvalidOptions> {
        Ok(Self { slots: Slots::new(options)?, hasher })
    }

    /// The value of this key, if it is here. The entry is strengthened: it will survive one more
    /// pass of the hand, up to two in all.
    #[inline]
    pub fn get(&mut self, key: V::Key) -> Option<&V> {
        self.slots.get(self.hasher.hash_one(key), key)
    }

    /// The value of this key, if it is here. Nothing changes.
    #[inline]
    pub fn peek(&self, key: V::Key) -> Option<&V> {
        self.slots.peek(self.hasher.hash_one(key), key)
    }

    /// Puts this value in. It is as weak as can be afterwards, also if it replaces a strong one.
    #[inline]
    pub fn upsert(&mut self, value: &V) -> Upserted<V> {
        self.slots.upsert(self.hasher.hash_one(value.key()), value)
    }

    /// Takes the value of this key out, if it is here.
    #[inline]
    pub fn remove(&mut self, key: V::Key) -> Option<V> {
        self.slots.remove(self.hasher.hash_one(key), key)
    }

    /// Makes the cache as new, without allocating.
    pub fn reset(&mut self) {
        self.slots.reset();
        crate::check::verify!(self.check());
    }

    /// The values that are here, in the order of slots.
    pub fn slots(&self) -> impl Iterator<Item = &V> {
        self.slots.iter()
    }

    /// The number of values that are here.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no value is here.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of slots. A set can be full, and evict, long before all sets are.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.options().slot_count()
    }

    /// What the cache was built from.
    #[must_use]
    pub fn options(&self) -> &CacheOptions {
        self.slots.options()
    }

    /// Checks all invariants. Takes time in proportion to the slots.
    ///
    /// # Panics
    ///
    /// If one is broken; the message says which.
    pub fn check(&self) {
        self.slots.check(&self.hasher);
    }
}

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted<V> {
    /// The key was not here.
    Inserted {
        /// The entry of the same set that gave way, if the set was full.
        evicted: Option<V>,
    },
    /// The key was here.
    Updated {
        /// The value that it had.
        previous: V,
    },
}

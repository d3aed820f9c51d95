//! The slots of a cache: tags, clocks and values, addressed by a hash that the caller computes.
//!
//! - The hash of a live slot's key selects the set of the slot and determines its tag.
//! - No two live slots have the same key.
//! - `len` is the number of live slots.
//! - `values` is empty until the first upsert. From then until a reset it has one value per slot.
//!   The value of an empty slot is meaningless and is never used.
//!
//! The first upsert fills all slots with copies of its value, in memory that the constructor
//! reserved. So values need no unsafe code and no `Option` around them, which would enlarge records
//! of 16 bytes to 24. A reset removes the values, so that the cache then behaves exactly like a new
//! one.
//!
//! In all calls on one object, `hash` must be the same function of the key.

use std::hash::BuildHasher;

use super::Upserted;
use super::clock::Clocks;
use super::options::CacheOptions;
use super::tags::Tags;
use crate::collections::{Cached, InvalidOptions};

#[derive(Debug)]
pub(in crate::collections) struct Slots<V: Cached> {
    options: CacheOptions,
    tags: Tags,
    clocks: Clocks,
    values: Vec<V>,
    len: usize,
}

impl<V: Cached> Slots<V> {
    pub(in crate::collections) fn new(options: CacheOptions) -> Result<Self, InvalidOptions> {
        options.validate()?;
        Ok(Self {
            options,
            tags: Tags::new(options.ways, options.sets as usize),
            clocks: Clocks::new(options.ways, options.sets as usize),
            values: Vec::with_capacity(options.slot_count()),
            len: 0,
        })
    }

    pub(in crate::collections) fn reset(&mut self) {
        let Self { options: _, tags, clocks, values, len } = self;
        tags.reset();
        clocks.reset();
        values.clear();
        *len = 0;
    }

    /// Returns the value of this key and strengthens its slot.
    #[inline]
    pub(in crate::collections) fn get(&mut self, hash: u64, key: V::Key) -> Option<&V> {
        let place = self.place(hash);
        let way = self.find(place, key)?;
        self.clocks.strengthen(place.set, way);
        Some(&self.values[self.slot(place.set, way)])
    }

    /// Returns the value of this key. Nothing changes.
    #[inline]
    pub(in crate::collections) fn peek(&self, hash: u64, key: V::Key) -> Option<&V> {
        let place = self.place(hash);
        let way = self.find(place, key)?;
        Some(&self.values[self.slot(place.set, way)])
    }

    #[inline]
    pub(in crate::collections) fn upsert(&mut self, hash: u64, value: &V) -> Upserted<V> {
        let place = self.place(hash);
        if let Some(way) = self.find(place, value.key()) {
            self.clocks.weaken(place.set, way);
            let slot = self.slot(place.set, way);
            let previous = std::mem::replace(&mut self.values[slot], *value);
            return Upserted::Updated { previous };
        }

        if self.values.is_empty() {
            self.values_fill(value);
        }
        let taken = self.clocks.take(place.set);
        self.tags.put(place.set, taken.way, place.tag);
        let slot = self.slot(place.set, taken.way);
        let evicted = taken.was_live.then_some(self.values[slot]);
        self.values[slot] = *value;
        if !taken.was_live {
            self.len += 1;
        }
        Upserted::Inserted { evicted }
    }

    #[inline]
    pub(in crate::collections) fn remove(&mut self, hash: u64, key: V::Key) -> Option<V> {
        let place = self.place(hash);
        let way = self.find(place, key)?;
        self.clocks.empty(place.set, way);
        self.len -= 1;
        Some(self.values[self.slot(place.set, way)])
    }

    pub(in crate::collections) fn options(&self) -> &CacheOptions {
        &self.options
    }

    #[inline]
    pub(in crate::collections) fn len(&self) -> usize {
        self.len
    }

    /// Iterates over the values of the live slots, in the order of slots.
    pub(in crate::collections) fn iter(&self) -> impl Iterator<Item = &V> {
        let ways = self.options.ways.count();
        let is_live = move |slot: usize| self.clocks.is_live(slot / ways, slot % ways);
        self.values.iter().enumerate().filter(move |&(slot, _)| is_live(slot)).map(|(_, v)| v)
    }

    /// # Panics
    ///
    /// If an invariant is broken. `hasher` must be the hasher of the keys.
    pub(in crate::collections) fn check(&self, hasher: &impl BuildHasher) {
        self.clocks.check();
        let ways = self.options.ways.count();
        let is_live = |slot: usize| self.clocks.is_live(slot / ways, slot % ways);
        assert!(
            !self.values.is_empty() || !(0..self.options.slot_count()).any(is_live),
            "set_associative_cache: before the first upsert every slot must be empty",
        );
        let mut live_count = 0;
        for (slot, value) in self.values.iter().enumerate() {
            let (set, way) = (slot / ways, slot % ways);
            if !self.clocks.is_live(set, way) {
                continue;
            }
            live_count += 1;
            let place = self.place(hasher.hash_one(value.key()));
            assert!(
                place.set == set,
                "set_associative_cache: a key must lie in the set of its hash",
            );
            assert!(
                place.tag == self.tags.get(set, way),
                "set_associative_cache: a tag must be the one of its key's hash",
            );
            assert!(
                self.find(place, value.key()) == Some(way),
                "set_associative_cache: a key must be in one slot",
            );
        }
        assert!(
            live_count == self.len,
            "set_associative_cache: the length must be the number of live slots",
        );
        assert!(
            self.values.is_empty() || self.values.len() == self.options.slot_count(),
            "set_associative_cache: there must be one value a slot",
        );
    }

    #[inline]
    fn find(&self, place: Place, key: V::Key) -> Option<usize> {
        self.tags.matches(place.set, place.tag).find(|&way| {
            self.clocks.is_live(place.set, way)
                && self.values[self.slot(place.set, way)].key() == key
        })
    }

    /// Returns the set and the tag of a hash. The tag is the low byte. The set is the high half of
    /// the product of the hash and the number of sets: the hash as a fraction of 2^64, scaled to
    /// the sets.
    #[inline]
    fn place(&self, hash: u64) -> Place {
        let product = u128::from(hash) * u128::from(self.options.sets);
        Place { set: (product >> u64::BITS) as usize, tag: (hash & 0xFF) as u8 }
    }

    #[inline]
    fn slot(&self, set: usize, way: usize) -> usize {
        set * self.options.ways.count() + way
    }

    #[cold]
    fn values_fill(&mut self, value: &V) {
        let slot_count = self.options.slot_count();
        assert!(
            slot_count <= self.values.capacity(),
            "set_associative_cache: values must have been allocated at construction",
        );
        self.values.resize(slot_count, *value);
    }
}

/// The set and the tag of a key.
#[derive(Clone, Copy, Debug)]
struct Place {
    set: usize,
    tag: u8,
}

#[cfg(test)]
mod tests;

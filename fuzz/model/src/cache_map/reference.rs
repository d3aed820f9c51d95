//! A reference implementation of the cache map: which entry is where, at every moment.
//!
//! [`super::Model`] says what callers may rely on. The reference follows the design, so that the
//! details behind the performance are compared, too: which entry an insert evicts, how long a read
//! keeps an entry, in which set a key is, and what the statistics count.
//!
//! The design: the set is the hash as a fraction of 2^64, scaled to the number of sets. An entry
//! has a strength from 1 to 3: an insert or update sets it to 1, a read adds 1. An insert goes to
//! the first slot, from the set's hand on, that is empty or has strength 1; the entries that the
//! hand passes lose 1. The evicted entry goes to the stash. A removal leaves a tombstone in the
//! stash. Undoing a write restores the previous entry, in the cache if it fits there.
//!
//! The code favours simplicity over speed and memory.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

pub use super::fact::{Fact, Facts};
use super::hash::KeyHash;

/// What the map knows of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The value with this stamp.
    Value(u64),
    /// The key was removed.
    Removed,
    /// The map knows nothing of the key.
    Absent,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u64,
    stamp: u64,
    /// 0 if the slot is empty.
    strength: u8,
}

/// The cache map.
#[derive(Clone, Debug)]
pub struct Reference {
    hash: KeyHash,
    ways: usize,
    /// 0 without a cache.
    sets: usize,
    slots: Vec<Slot>,
    hands: Vec<usize>,
    /// `None` is a tombstone.
    stash: HashMap<u64, Option<u64>, FxBuildHasher>,
    scope_is_open: bool,
    /// What was known of each key before a write of the scope, the oldest first.
    undo: Vec<(u64, Known)>,
    facts: Facts,
}

impl Reference {
    /// An empty map without a cache.
    #[must_use]
    pub fn new() -> Self {
        Reference {
            hash: KeyHash::Mixed,
            ways: 0,
            sets: 0,
            slots: Vec::new(),
            hands: Vec::new(),
            stash: HashMap::default(),
            scope_is_open: false,
            undo: Vec::new(),
            facts: [0; Fact::COUNT],
        }
    }

    /// Becomes an empty map with a cache of `sets` sets; without a cache if `sets` is 0.
    pub fn open(&mut self, hash: KeyHash, ways: usize, sets: usize) {
        (self.hash, self.ways, self.sets) = (hash, ways, sets);
        self.reset();
    }

    /// Empties the map. An open scope is dropped.
    pub fn reset(&mut self) {
        let Reference { hash: _, ways, sets, slots, hands, stash, scope_is_open, undo, facts } =
            self;
        slots.clear();
        slots.resize(*ways * *sets, Slot { key: 0, stamp: 0, strength: 0 });
        hands.clear();
        hands.resize(*sets, 0);
        stash.clear();
        *scope_is_open = false;
        undo.clear();
        *facts = [0; Fact::COUNT];
    }

    /// Reads a key, which strengthens the entry that is found.
    #[inline]
    pub fn read(&mut self, key: u64) -> Known {
        if let Some(slot) = self.find(key) {
            let slot = &mut self.slots[slot];
            slot.strength = (slot.strength + 1).min(3);
            let stamp = slot.stamp;
            self.count(Fact::HitCache);
            return Known::Value(stamp);
        }
        match self.stash.get(&key) {
            Some(Some(stamp)) => {
                let stamp = *stamp;
                self.count(Fact::HitStash);
                Known::Value(stamp)
            }
            Some(None) => {
                self.count(Fact::HitTombstone);
                Known::Removed
            }
            None => {
                self.count(Fact::Miss);
                Known::Absent
            }
        }
    }

    /// Writes a value under a key.
    #[inline]
    pub fn upsert(&mut self, key: u64, stamp: u64) {
        let before = self.put(key, stamp);
        self.count(if matches!(before, Known::Value(_)) { Fact::Update } else { Fact::Insert });
        if self.scope_is_open {
            self.undo.push((key, before));
        }
    }

    /// Removes a key, which must be live.
    pub fn remove(&mut self, key: u64) {
        let before = self.bury(key);
        if self.scope_is_open {
            self.undo.push((key, before));
        }
    }

    /// Compacts: empties the stash.
    pub fn compact(&mut self) {
        self.count(Fact::Compaction);
        self.facts[Fact::StashDropped as usize] += self.stash.len() as u64;
        self.stash.clear();
    }

    /// Opens a scope.
    pub fn open_scope(&mut self) {
        self.scope_is_open = true;
    }

    /// Closes the scope and keeps its writes.
    pub fn persist(&mut self) {
        self.count(Fact::ScopePersisted);
        self.scope_is_open = false;
        self.undo.clear();
    }

    /// Closes the scope and undoes its writes, the newest first.
    pub fn discard(&mut self) {
        self.count(Fact::ScopeDiscarded);
        self.scope_is_open = false;
        while let Some((key, before)) = self.undo.pop() {
            match before {
                Known::Value(stamp) => {
                    self.count(Fact::UndoRestore);
                    self.put(key, stamp);
                }
                Known::Removed => {
                    self.count(Fact::UndoTombstone);
                    self.bury(key);
                }
                Known::Absent => {
                    let cached = self.find(key);
                    self.count(match cached {
                        Some(_) => Fact::UndoRemoveFromCache,
                        None => Fact::UndoRemoveFromStash,
                    });
                    match cached {
                        Some(slot) => self.slots[slot].strength = 0,
                        None => drop(self.stash.remove(&key)),
                    }
                }
            }
        }
    }

    /// The keys and stamps in the cache, in the order of the slots.
    pub fn slots(&self) -> impl Iterator<Item = (u64, u64)> {
        let live = self.slots.iter().filter(|slot| slot.strength > 0);
        live.map(|slot| (slot.key, slot.stamp))
    }

    /// Returns the entry of `key` in the stash, if any; `Some(None)` is a tombstone.
    #[inline]
    #[must_use]
    pub fn stashed(&self, key: u64) -> Option<Option<u64>> {
        self.stash.get(&key).copied()
    }

    /// The keys in the stash and their stamps, in no particular order; `None` is a tombstone.
    pub fn stash(&self) -> impl Iterator<Item = (u64, Option<u64>)> {
        self.stash.iter().map(|(key, stamp)| (*key, *stamp))
    }

    /// How many entries the stash has, tombstones included.
    #[inline]
    #[must_use]
    pub fn stash_len(&self) -> usize {
        self.stash.len()
    }

    /// What was counted since the map was last reset.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    #[inline]
    fn count(&mut self, fact: Fact) {
        self.facts[fact as usize] += 1;
    }

    #[inline]
    fn set(&self, key: u64) -> usize {
        ((u128::from(self.hash.of(key)) * self.sets as u128) >> 64) as usize
    }

    #[inline]
    fn find(&self, key: u64) -> Option<usize> {
        let first = self.set(key) * self.ways;
        let ways = self.slots.get(first..first + self.ways)?;
        let way = ways.iter().position(|slot| slot.strength > 0 && slot.key == key)?;
        Some(first + way)
    }

    fn put(&mut self, key: u64, stamp: u64) -> Known {
        if let Some(slot) = self.find(key) {
            let before = self.slots[slot].stamp;
            self.slots[slot] = Slot { key, stamp, strength: 1 };
            return Known::Value(before);
        }
        let before = match self.stash.remove(&key) {
            Some(Some(stamp)) => Known::Value(stamp),
            Some(None) => Known::Removed,
            None => Known::Absent,
        };
        if before == Known::Removed {
            self.count(Fact::TombstonePromotion);
        }
        if self.sets == 0 {
            self.stash.insert(key, Some(stamp));
            return before;
        }
        if matches!(before, Known::Value(_)) {
            self.count(Fact::Promotion);
        }
        let slot = self.take_slot(self.set(key));
        self.slots[slot] = Slot { key, stamp, strength: 1 };
        before
    }

    /// Empties the slot that an insert into a set uses, and returns it.
    fn take_slot(&mut self, set: usize) -> usize {
        loop {
            let slot = set * self.ways + self.hands[set];
            self.hands[set] = (self.hands[set] + 1) % self.ways;
            let Slot { key, stamp, strength } = self.slots[slot];
            if strength > 1 {
                self.slots[slot].strength -= 1;
                continue;
            }
            if strength == 1 {
                self.count(Fact::Eviction);
                self.stash.insert(key, Some(stamp));
            }
            return slot;
        }
    }

    /// Removes a live entry and puts a tombstone into the stash. Returns what was known of the key.
    fn bury(&mut self, key: u64) -> Known {
        let cached = self.find(key);
        let stamp = match cached {
            Some(slot) => {
                self.slots[slot].strength = 0;
                Some(self.slots[slot].stamp)
            }
            None => self.stash.get(&key).copied().flatten(),
        };
        self.count(if cached.is_some() { Fact::RemoveFromCache } else { Fact::RemoveFromStash });
        self.stash.insert(key, None);
        stamp.map_or(Known::Absent, Known::Value)
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_ways() -> Reference {
        let mut map = Reference::new();
        map.open(KeyHash::Same, 2, 1);
        map
    }

    #[test]
    fn an_entry_that_was_read_outlives_an_entry_that_was_not() {
        let mut map = two_ways();
        map.upsert(1, 10);
        map.upsert(2, 20);
        map.read(1);
        map.upsert(3, 30);
        assert!(map.slots().eq([(1, 10), (3, 30)]));
        assert_eq!(map.stashed(2), Some(Some(20)));
    }

    #[test]
    fn undoing_an_insert_leaves_the_entry_that_it_evicted_in_the_stash() {
        let mut map = two_ways();
        map.upsert(1, 10);
        map.upsert(2, 20);
        map.open_scope();
        map.upsert(3, 30);
        map.discard();
        assert!(map.slots().eq([(2, 20)]));
        assert_eq!(map.stashed(1), Some(Some(10)));
        assert_eq!(map.stashed(3), None);
    }
}

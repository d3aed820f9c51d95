//! The model of a cache map: a hash map with an undo log. Older values may be absent from the map.
//!
//! What it expects of a map:
//!
//! * A value upserted since the last compaction is found.
//! * An older value is either found, and is the latest, or absent. It is never stale, and never
//!   reported as removed.
//! * A key removed since the last compaction is reported as removed. Later it is absent.
//! * Discarding a scope returns every key to what it was when the scope was opened.
//!
//! The model does not know which of the older values survive: that depends on the shape of the
//! cache ([`super::Reference`]).

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::Expected;
use crate::mutation::{Mutation, is_on};

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The stamp of the value; `None` if the key was removed.
    stamp: Option<u64>,
    /// How many compactions came before the write.
    epoch: u64,
}

/// The model of a cache map.
#[derive(Clone, Debug, Default)]
pub struct Model {
    entries: HashMap<u64, Entry, FxBuildHasher>,
    epoch: u64,
    scope_is_open: bool,
    /// What the writes of the open scope replaced, the oldest first.
    undo: Vec<(u64, Option<Entry>)>,
}

impl Model {
    /// A reset keeps memory for this many entries and releases the rest, so that its cost depends
    /// on the last run, not on the longest one.
    const KEPT: usize = 1024;

    /// An empty model.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        let Model { entries, epoch, scope_is_open, undo } = self;
        entries.clear();
        entries.shrink_to(Self::KEPT);
        undo.clear();
        *epoch = 0;
        *scope_is_open = false;
    }

    /// What a map may answer for `key`.
    #[inline]
    #[must_use]
    pub fn expected(&self, key: u64) -> Expected {
        match self.entries.get(&key) {
            None => Expected::Absent,
            Some(Entry { stamp: None, epoch }) if *epoch == self.epoch => Expected::Removed,
            Some(Entry { stamp: None, .. }) => Expected::Absent,
            Some(Entry { stamp: Some(stamp), epoch }) if *epoch == self.epoch => {
                Expected::Value(*stamp)
            }
            Some(Entry { stamp: Some(stamp), .. }) => {
                if is_on(Mutation::CacheMapIsCertainOfOldValues) {
                    return Expected::Value(*stamp);
                }
                Expected::ValueOrAbsent(*stamp)
            }
        }
    }

    /// Writes `stamp` under `key`.
    #[inline]
    pub fn upsert(&mut self, key: u64, stamp: u64) {
        self.write(key, Some(stamp));
    }

    /// Removes `key`.
    ///
    /// # Panics
    ///
    /// If `key` was not upserted since the last compaction.
    #[inline]
    pub fn remove(&mut self, key: u64) {
        assert!(matches!(self.expected(key), Expected::Value(_)), "model: {key:#x} must be live");
        self.write(key, None);
        if is_on(Mutation::CacheMapForgetsRemovals) {
            self.entries.remove(&key);
        }
    }

    fn write(&mut self, key: u64, stamp: Option<u64>) {
        let previous = self.entries.insert(key, Entry { stamp, epoch: self.epoch });
        if self.scope_is_open {
            self.undo.push((key, previous));
        }
    }

    /// Notes a compaction: values written before it may be absent from now on.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn compact(&mut self) {
        assert!(!self.scope_is_open, "model: a compaction must be outside scopes");
        self.epoch += 1;
    }

    /// Opens a scope.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn open(&mut self) {
        assert!(!self.scope_is_open, "model: scopes do not nest");
        self.scope_is_open = true;
    }

    /// Whether a scope is open.
    #[inline]
    #[must_use]
    pub fn scope_is_open(&self) -> bool {
        self.scope_is_open
    }

    /// How many writes the open scope has.
    #[inline]
    #[must_use]
    pub fn scope_len(&self) -> usize {
        self.undo.len()
    }

    /// Closes the scope and keeps its writes.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn persist(&mut self) {
        assert!(self.scope_is_open, "model: no scope is open");
        self.scope_is_open = false;
        self.undo.clear();
    }

    /// Closes the scope and undoes its writes, the newest first.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn discard(&mut self) {
        assert!(self.scope_is_open, "model: no scope is open");
        self.scope_is_open = false;
        while let Some((key, previous)) = self.undo.pop() {
            if self.undo.is_empty() && is_on(Mutation::CacheMapKeepsAnUndoneWrite) {
                continue;
            }
            match previous {
                Some(entry) => self.entries.insert(key, entry),
                None => self.entries.remove(&key),
            };
        }
    }

    /// Every key that was written and not undone, in no particular order.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.entries.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_certain_until_the_next_compaction() {
        let mut model = Model::new();
        model.upsert(1, 10);
        assert_eq!(model.expected(1), Expected::Value(10));
        model.compact();
        assert_eq!(model.expected(1), Expected::ValueOrAbsent(10));
    }

    #[test]
    fn a_removal_is_known_until_the_next_compaction() {
        let mut model = Model::new();
        model.upsert(1, 10);
        model.remove(1);
        assert_eq!(model.expected(1), Expected::Removed);
        model.compact();
        assert_eq!(model.expected(1), Expected::Absent);
    }

    #[test]
    fn discarding_restores_every_kind_of_entry() {
        let mut model = Model::new();
        model.upsert(1, 10);
        model.compact();
        model.upsert(2, 20);
        model.upsert(3, 30);
        model.remove(3);
        model.open();
        for key in 1..5 {
            model.upsert(key, 99);
        }
        model.remove(2);
        model.discard();
        assert_eq!(model.expected(1), Expected::ValueOrAbsent(10));
        assert_eq!(model.expected(2), Expected::Value(20));
        assert_eq!(model.expected(3), Expected::Removed);
        assert_eq!(model.expected(4), Expected::Absent);
    }
}

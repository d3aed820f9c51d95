//! The model of a cache map: a hash map with an undo log and one relaxation.
//!
//! Invariants that it expects of a map:
//!
//! * A value upserted since the last compaction is found, and is the latest.
//! * An older value is the latest or is not found; it is never stale, and never removed.
//! * A key removed since the last compaction is known as removed; later it is absent.
//! * Discarding a scope makes every key what it was when the scope was opened.
//!
//! What it does not do: know the cache's shape; which of the older values survive is the cache's
//! own affair.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::Expected;
use crate::mutation::{Mutation, is_on};

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// `None`: removed.
    stamp: Option<u64>,
    /// Number of compactions before it was written.
    epoch: u64,
}

/// The model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    entries: HashMap<u64, Entry, FxBuildHasher>,
    epoch: u64,
    scope_is_open: bool,
    /// What the scope's writes replaced, oldest first. Empty without a scope.
    undo: Vec<(u64, Option<Entry>)>,
}

impl Model {
    /// Entries above which a reset gives memory back, so that a reset costs what a run touched and
    /// not what the longest run before it did.
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
    /// If it was not upserted since the last compaction.
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

    /// From now on, what was written so far may go.
    ///
    /// # Panics
    ///
    /// Inside a scope.
    pub fn compact(&mut self) {
        assert!(!self.scope_is_open, "model: a compaction stands outside scopes");
        self.epoch += 1;
    }

    /// Opens a scope.
    ///
    /// # Panics
    ///
    /// Inside a scope.
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

    /// Writes of the open scope.
    #[inline]
    #[must_use]
    pub fn scope_len(&self) -> usize {
        self.undo.len()
    }

    /// Closes the scope and keeps its writes.
    ///
    /// # Panics
    ///
    /// Outside a scope.
    pub fn persist(&mut self) {
        assert!(self.scope_is_open, "model: no scope is open");
        self.scope_is_open = false;
        self.undo.clear();
    }

    /// Closes the scope and undoes its writes, the newest first.
    ///
    /// # Panics
    ///
    /// Outside a scope.
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

    /// Every key that was ever written and not undone, in no order.
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

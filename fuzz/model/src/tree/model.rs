//! The model of a tree: a sorted map, and how much of it is durable.
//!
//! - The value of a key is a stamp: the number of the write that put the key.
//! - Writes are counted for each beat, because the number of writes in a beat is limited.
//! - Each change since the last checkpoint is kept with the record that it replaced. So the map can
//!   return to the checkpoint, and to its state before a scope.
//!
//! The model has no levels.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::mutation::{Mutation, is_on};

/// The number of the write that put a record.
pub type Stamp = u64;

/// The model of a tree: a sorted map, and how much of it is durable.
#[derive(Clone, Debug, Default)]
pub struct Model {
    records: BTreeMap<u64, Stamp>,
    /// Changes since the last checkpoint, the oldest first.
    changes: VecDeque<Change>,
    /// How many changes there were when the scope was opened.
    scope: Option<usize>,
    writes: Stamp,
    /// Writes since the last beat: now, and when the scope was opened.
    since_beat: [usize; 2],
}

/// A change of one key.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// The beat that the change belongs to.
    beat: u64,
    key: u64,
    before: Option<Stamp>,
}

impl Model {
    /// Resets the model to its initial state.
    pub fn reset(&mut self) {
        self.records.clear();
        self.changes.clear();
        self.scope = None;
        self.writes = 0;
        self.since_beat = [0; 2];
    }

    /// The stamp of the next put.
    #[must_use]
    pub fn next_stamp(&self) -> Stamp {
        self.writes + 1
    }

    /// Puts a key in beat `beat`. Returns the stamp of the write.
    pub fn put(&mut self, key: u64, beat: u64) -> Stamp {
        self.writes += 1;
        self.since_beat[0] += 1;
        let before = self.records.insert(key, self.writes);
        self.changes.push_back(Change { beat, key, before });
        self.writes
    }

    /// Removes a key in beat `beat`.
    pub fn remove(&mut self, key: u64, beat: u64) {
        self.since_beat[0] += 1;
        let before = self.records.remove(&key);
        self.changes.push_back(Change { beat, key, before });
    }

    /// Writes since the last beat, not counting undone writes.
    #[must_use]
    pub fn writes_since_beat(&self) -> usize {
        self.since_beat[0]
    }

    /// Ends a beat.
    pub fn beat(&mut self) {
        self.since_beat[0] = 0;
    }

    /// The stamp of the write that put the record of a key.
    #[must_use]
    #[inline]
    pub fn get(&self, key: u64) -> Option<Stamp> {
        self.records.get(&key).copied()
    }

    /// The answer of a lookup of this key that begins now, whenever it is taken.
    #[must_use]
    #[inline]
    pub fn expected_of_lookup(&self, key: u64) -> Option<Stamp> {
        if let Some(start) = self.scope
            && is_on(Mutation::TreeLookupPassesOverScopes)
        {
            let mut in_scope = self.changes.range(start..);
            if let Some(change) = in_scope.find(|change| change.key == key) {
                return change.before;
            }
        }
        self.get(key)
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records from `min` to `max`, both included, ascending.
    pub fn range(&self, min: u64, max: u64) -> impl DoubleEndedIterator<Item = (u64, Stamp)> + '_ {
        let last = if is_on(Mutation::TreeScanExcludesMaximum) { Some(max) } else { None };
        let records = self.records.range(min..=max).map(|(key, stamp)| (*key, *stamp));
        records.filter(move |(key, _)| Some(*key) != last)
    }

    /// Opens a scope.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        assert!(self.scope.is_none(), "model: scopes do not nest");
        self.scope = Some(self.changes.len());
        self.since_beat[1] = self.since_beat[0];
    }

    /// Whether a scope is open.
    #[must_use]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_some()
    }

    /// Closes the scope. Undoes its changes, unless `keep` is set.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, keep: bool) {
        let count = self.scope.take().expect("model: a scope is open");
        if !keep {
            self.since_beat[0] = self.since_beat[1];
        }
        while !keep && self.changes.len() > count {
            if is_on(Mutation::TreeScopeForgetsOne) && self.changes.len() == count + 1 {
                break;
            }
            self.undo_last();
        }
    }

    fn undo_last(&mut self) {
        let Some(Change { key, before, beat: _ }) = self.changes.pop_back() else { return };
        match before {
            Some(stamp) => self.records.insert(key, stamp),
            None => self.records.remove(&key),
        };
    }

    /// Notes that a checkpoint contains all beats up to this one, inclusive.
    pub fn checkpoint(&mut self, beat: u64) {
        while self.changes.front().is_some_and(|change| change.beat <= beat) {
            self.changes.pop_front();
        }
    }

    /// Whether the last checkpoint contains all changes.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.changes.is_empty()
    }

    /// Forgets all records, because the store was lost and is formatted again. The stamps of later
    /// writes stay different from those of earlier ones.
    pub fn lose(&mut self) {
        self.records.clear();
        self.changes.clear();
        self.scope = None;
        self.since_beat = [0; 2];
    }

    /// Replaces the record of a key by an older one or by none, because its newest version on disk
    /// is lost. `beat` is the last beat of the checkpoint at which the store was opened, after
    /// which nothing was written.
    pub fn lose_newest(&mut self, key: u64, left: Option<Stamp>, beat: u64) {
        let before = match left {
            Some(stamp) => self.records.insert(key, stamp),
            None => self.records.remove(&key),
        };
        self.changes.push_back(Change { beat, key, before });
    }

    /// Undoes all changes that the last checkpoint does not contain. If the store was opened at a
    /// checkpoint that was under way, the caller first calls [`Model::checkpoint`] with the beat of
    /// that checkpoint. `crashed` says whether power was lost.
    pub fn reopen(&mut self, crashed: bool) {
        self.scope = None;
        self.since_beat = [0; 2];
        if crashed && is_on(Mutation::TreeForgetsCrashes) {
            self.changes.clear();
        }
        while !self.changes.is_empty() {
            self.undo_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reopening_undoes_the_writes_that_no_checkpoint_contains() {
        let mut model = Model::default();
        model.put(1, 1);
        model.put(2, 2);
        model.put(1, 3);
        model.remove(2, 3);
        model.checkpoint(2);
        model.reopen(false);
        assert_eq!(model.range(0, u64::MAX).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    }

    #[test]
    fn a_loss_is_undone_unless_a_checkpoint_contains_it() {
        let mut model = Model::default();
        let (older, newer) = (model.put(1, 1), model.put(1, 2));
        model.checkpoint(4);
        model.lose_newest(1, Some(older), 4);
        assert_eq!((model.get(1), model.writes_since_beat()), (Some(older), 2));
        model.reopen(false);
        assert_eq!(model.get(1), Some(newer));
        model.lose_newest(1, None, 4);
        model.checkpoint(8);
        model.reopen(true);
        assert_eq!(model.get(1), None);
    }

    #[test]
    fn a_scope_is_undone_change_by_change() {
        let mut model = Model::default();
        model.put(1, 1);
        model.scope_open();
        model.put(1, 1);
        model.remove(1, 1);
        model.put(3, 1);
        model.scope_close(false);
        assert_eq!((model.get(1), model.len(), model.writes_since_beat()), (Some(1), 1, 1));
    }
}

//! The model of a groove: its objects by timestamp, and which of their changes are durable.
//!
//! - Each change since the last checkpoint is kept with the object that it replaced. So the objects
//!   can return to the checkpoint, and to their state before a scope.
//! - Unique keys are maps from values to timestamps. There are no other indexes: a query looks at
//!   all objects.

use std::collections::{BTreeMap, VecDeque};

use super::{Condition, Stored};
use crate::mutation::{Mutation, is_on};

/// The model of a groove: its objects by timestamp, and which of their changes are durable.
#[derive(Clone, Debug)]
pub struct Objects<O> {
    objects: BTreeMap<u64, O>,
    primaries: BTreeMap<u128, u64>,
    codes: BTreeMap<u64, u64>,
    /// The objects as they were before their last updates.
    previous: BTreeMap<u64, O>,
    /// Changes since the last checkpoint, the oldest first.
    changes: VecDeque<Change<O>>,
    /// How many changes there were when the scope was opened.
    scope: Option<usize>,
    /// Writes since the last beat, undone writes included.
    since_beat: u32,
}

/// A change of one object.
#[derive(Clone, Copy, Debug)]
struct Change<O> {
    /// The beat that the change belongs to.
    beat: u64,
    timestamp: u64,
    before: Option<O>,
}

impl<O> Default for Objects<O> {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            primaries: BTreeMap::new(),
            codes: BTreeMap::new(),
            previous: BTreeMap::new(),
            changes: VecDeque::new(),
            scope: None,
            since_beat: 0,
        }
    }
}

impl<O: Stored> Objects<O> {
    /// Forgets all objects.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Inserts or replaces an object in beat `beat`.
    pub fn put(&mut self, object: &O, beat: u64) {
        if let Some(previous) = self.change(object.timestamp(), Some(*object), beat) {
            self.previous.insert(object.timestamp(), previous);
        }
    }

    /// Removes the object with this timestamp in beat `beat`.
    pub fn remove(&mut self, timestamp: u64, beat: u64) {
        self.change(timestamp, None, beat);
    }

    fn change(&mut self, timestamp: u64, object: Option<O>, beat: u64) -> Option<O> {
        self.since_beat += 1;
        let before = self.set(timestamp, object);
        self.changes.push_back(Change { beat, timestamp, before });
        before
    }

    /// Makes `object` the object with this timestamp. Returns the one before.
    fn set(&mut self, timestamp: u64, object: Option<O>) -> Option<O> {
        let before = match object {
            Some(object) => self.objects.insert(timestamp, object),
            None => self.objects.remove(&timestamp),
        };
        if let Some(before) = &before {
            self.primaries.remove(&before.primary());
            before.code().map(|code| self.codes.remove(&code));
        }
        if let Some(object) = &object {
            self.primaries.insert(object.primary(), timestamp);
            object.code().map(|code| self.codes.insert(code, timestamp));
        }
        before
    }

    /// Writes since the last beat, undone writes included.
    #[must_use]
    pub fn writes_since_beat(&self) -> u32 {
        self.since_beat
    }

    /// Ends a beat.
    pub fn beat(&mut self) {
        self.since_beat = 0;
    }

    /// The object with this timestamp.
    #[must_use]
    pub fn at(&self, timestamp: u64) -> Option<&O> {
        self.objects.get(&timestamp)
    }

    /// The object with this primary key.
    #[must_use]
    pub fn get(&self, primary: u128) -> Option<&O> {
        self.at(*self.primaries.get(&primary)?)
    }

    /// The object with this code.
    #[must_use]
    pub fn with_code(&self, code: u64) -> Option<&O> {
        self.at(*self.codes.get(&code)?)
    }

    /// The object with this timestamp, as it was before its last update; `None` if it was never
    /// updated.
    #[must_use]
    pub fn before_update(&self, timestamp: u64) -> Option<&O> {
        self.previous.get(&timestamp)
    }

    /// All objects, in the order of their timestamps.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &O> + ExactSizeIterator {
        self.objects.values()
    }

    /// The objects whose timestamps are from `min` to `max`, inclusive. None if `min` is above
    /// `max`.
    pub fn range(&self, min: u64, max: u64) -> impl DoubleEndedIterator<Item = &O> {
        let range = (min <= max).then(|| self.objects.range(min..=max));
        range.into_iter().flatten().map(|(_, object)| object)
    }

    /// The object at a place, in the order of the timestamps.
    #[must_use]
    pub fn nth(&self, place: usize) -> Option<&O> {
        self.objects.values().nth(place)
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are no objects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The objects for which a condition holds, in the order of their timestamps.
    pub fn query<'a>(
        &'a self,
        condition: &'a Condition,
    ) -> impl DoubleEndedIterator<Item = &'a O> + 'a {
        self.objects.values().filter(|object| condition.holds(*object))
    }

    /// The entries of the tree of a field, in their order: the value, and the timestamp.
    #[must_use]
    pub fn entries(&self, field: usize) -> Vec<(u128, u64)> {
        let entry = |object: &O| Some((object.indexed(field)?, object.timestamp()));
        let mut entries: Vec<_> = self.objects.values().filter_map(entry).collect();
        entries.sort_unstable();
        entries
    }

    /// Opens a scope.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        assert!(self.scope.is_none(), "model: scopes do not nest");
        self.scope = Some(self.changes.len());
    }

    /// Whether a scope is open.
    #[must_use]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_some()
    }

    /// Closes the scope. Undoes its changes, unless `keep` is set. Returns how many changes it had.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, keep: bool) -> usize {
        let count = self.scope.take().expect("model: a scope is open");
        let changes = self.changes.len() - count;
        while !keep && self.changes.len() > count {
            if is_on(Mutation::GrooveScopeForgetsOne) && self.changes.len() == count + 1 {
                break;
            }
            self.undo_last();
        }
        changes
    }

    fn undo_last(&mut self) {
        if let Some(Change { timestamp, before, beat: _ }) = self.changes.pop_back() {
            self.set(timestamp, before);
        }
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

    /// The timestamps of the changes that the last checkpoint does not contain. They can repeat.
    pub fn not_durable(&self) -> impl Iterator<Item = u64> {
        self.changes.iter().map(|change| change.timestamp)
    }

    /// Undoes all changes that the last checkpoint does not contain. If the store was opened at a
    /// checkpoint that was under way, the caller first calls [`Objects::checkpoint`] with the beat
    /// of that checkpoint. `crashed` says whether power was lost.
    pub fn reopen(&mut self, crashed: bool) {
        self.scope = None;
        self.since_beat = 0;
        if crashed && is_on(Mutation::GrooveForgetsCrashes) {
            self.changes.clear();
        }
        while !self.changes.is_empty() {
            self.undo_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tick;
    use super::*;

    fn tick(timestamp: u64, tag: u32) -> Tick {
        Tick { timestamp, tag, text: 0 }
    }

    #[test]
    fn reopening_undoes_the_writes_that_no_checkpoint_contains() {
        let mut objects = Objects::default();
        objects.put(&tick(1, 1), 1);
        objects.put(&tick(2, 1), 2);
        objects.put(&tick(1, 3), 3);
        objects.remove(2, 3);
        objects.checkpoint(2);
        objects.reopen(false);
        assert_eq!(objects.entries(Tick::TAG), [(1, 1), (1, 2)]);
    }

    #[test]
    fn a_scope_is_undone_change_by_change() {
        let mut objects = Objects::default();
        objects.put(&tick(1, 1), 1);
        objects.scope_open();
        objects.put(&tick(1, 2), 1);
        objects.remove(1, 1);
        objects.put(&tick(3, 1), 1);
        assert_eq!(objects.scope_close(false), 3);
        assert_eq!((objects.entries(Tick::TAG), objects.writes_since_beat()), (vec![(1, 1)], 4));
    }

    #[test]
    fn a_range_of_values_counts_each_as_a_scan() {
        let refusal = |condition: Condition| condition.refusal::<Tick>(3);
        assert_eq!(refusal(Condition::Within(Tick::TAG, 1, 3)), None);
        assert_eq!(refusal(Condition::Within(Tick::TAG, 3, 1)), None);
        let all = Condition::Within(Tick::TAG, 0, u128::MAX);
        assert_eq!(refusal(all), Some(super::super::Refusal::TooManyScans));
    }
}

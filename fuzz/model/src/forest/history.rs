//! The history of a forest since it was formatted: its writes, beats, and requests for checkpoints,
//! in order.
//!
//! - After the forest is opened at a checkpoint, the changes after this checkpoint are repeated in
//!   their order, as a service does that keeps its requests in a log. New changes are possible once
//!   all are repeated.
//! - A second forest that does the whole history without a crash must have the same bytes.
//! - The writes of a discarded scope are not part of the history.

use super::{Part, Tick};
use crate::mutation::{Mutation, is_on};

/// A call that changes a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Puts a record into a plain tree.
    Put {
        /// The number of the plain tree.
        tree: usize,
        /// The key.
        key: u64,
        /// The stamp.
        stamp: u64,
    },
    /// Removes a key from a plain tree.
    Remove {
        /// The number of the plain tree.
        tree: usize,
        /// The key.
        key: u64,
    },
    /// Inserts a part, or updates the part with its primary key.
    Part(Part),
    /// Removes the part with this primary key.
    RemovePart(u64),
    /// Inserts a tick, or updates the tick with its timestamp.
    Tick(Tick),
    /// Removes the tick with this timestamp.
    RemoveTick(u64),
    /// Requests a checkpoint.
    Want,
    /// Ends a beat that does this multiple of its share of the work.
    Beat(u32),
}

/// The changes of a forest since it was formatted, and how many of them it has done.
#[derive(Clone, Debug, Default)]
pub struct History {
    changes: Vec<Change>,
    /// The number of changes up to the end of each beat, from beat 1 on.
    beats: Vec<usize>,
    /// The number of changes that the forest has done since it was formatted or opened, and that
    /// its checkpoint holds.
    done: usize,
    /// The number of changes when the open scope was opened.
    scope: Option<usize>,
}

impl History {
    /// Forgets everything.
    pub fn reset(&mut self) {
        let Self { changes, beats, done, scope } = self;
        changes.clear();
        beats.clear();
        *done = 0;
        *scope = None;
    }

    /// All changes.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The next change to be repeated; `None` if all are.
    #[must_use]
    #[inline]
    pub fn next(&self) -> Option<Change> {
        self.changes.get(self.done).copied()
    }

    /// How many changes are to be repeated.
    #[must_use]
    pub fn left(&self) -> usize {
        self.changes.len() - self.done
    }

    /// Notes that the forest did this change, which is new or the next to be repeated.
    ///
    /// # Panics
    ///
    /// If another change is to be repeated.
    pub fn did(&mut self, change: Change) {
        match self.next() {
            Some(next) => {
                assert!(next == change, "model: a history is repeated in order ({change:?})");
            }
            None => {
                self.changes.push(change);
                if let Change::Beat(_) = change {
                    self.beats.push(self.changes.len());
                }
            }
        }
        self.done += 1;
    }

    /// The forest opens a scope, with nothing left to be repeated.
    pub fn scope_open(&mut self) {
        self.scope = Some(self.changes.len());
    }

    /// The forest closes the scope. Its writes are forgotten unless `keep` is set.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, keep: bool) {
        let count = self.scope.take().expect("model: a scope is open");
        if !keep {
            self.changes.truncate(count);
            self.done = count;
        }
    }

    /// The forest is opened at a checkpoint that holds the beats up to this one, inclusive. The
    /// writes of an open scope are forgotten.
    pub fn reopen(&mut self, beat: u64) {
        if self.scope.is_some() {
            self.scope_close(false);
        }
        self.done = if beat == 0 { 0 } else { self.beats[beat as usize - 1] };
        if is_on(Mutation::ForestForgetsAWrite)
            && !matches!(self.next(), None | Some(Change::Beat(_) | Change::Want))
        {
            self.done += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deeds_after_the_checkpoint_are_repeated() {
        let mut history = History::default();
        let put = |key| Change::Put { tree: 0, key, stamp: key };
        for change in [put(1), Change::Beat(1), put(2), Change::Beat(1), put(3)] {
            history.did(change);
        }
        history.scope_open();
        history.did(put(4));
        history.scope_close(false);
        history.scope_open();
        history.did(put(5));
        history.reopen(1);
        let mut repeated = Vec::new();
        while let Some(change) = history.next() {
            history.did(change);
            repeated.push(change);
        }
        assert_eq!(repeated, [put(2), Change::Beat(1), put(3)]);
        history.did(put(6));
        assert_eq!(history.changes().len(), 6);
    }
}

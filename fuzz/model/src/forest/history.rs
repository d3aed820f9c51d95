//! The history of a forest since it was formatted: its writes, beats, and requests for checkpoints,
//! in order.
//!
//! - After the forest is opened at a checkpoint, the deeds after this checkpoint are repeated in
//!   their order, as a service does that keeps its requests in a log. New deeds are possible once
//!   all are repeated.
//! - A second forest that does the whole history without a crash must have the same bytes.
//! - The writes of a discarded scope are not part of the history.

use super::{Part, Tick};
use crate::mutation::{Mutation, is_on};

/// A call that changes a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
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

/// The deeds of a forest since it was formatted, and how many of them it has done.
#[derive(Clone, Debug, Default)]
pub struct History {
    deeds: Vec<Deed>,
    /// The number of deeds up to the end of each beat, from beat 1 on.
    beats: Vec<usize>,
    /// The number of deeds that the forest has done since it was formatted or opened, and that its
    /// checkpoint holds.
    done: usize,
    /// The number of deeds when the open scope was opened.
    scope: Option<usize>,
}

impl History {
    /// Forgets everything.
    pub fn reset(&mut self) {
        let Self { deeds, beats, done, scope } = self;
        deeds.clear();
        beats.clear();
        *done = 0;
        *scope = None;
    }

    /// All deeds.
    #[must_use]
    pub fn deeds(&self) -> &[Deed] {
        &self.deeds
    }

    /// The next deed to be repeated; `None` if all are.
    #[must_use]
    #[inline]
    pub fn next(&self) -> Option<Deed> {
        self.deeds.get(self.done).copied()
    }

    /// How many deeds are to be repeated.
    #[must_use]
    pub fn left(&self) -> usize {
        self.deeds.len() - self.done
    }

    /// Notes that the forest did this deed, which is new or the next to be repeated.
    ///
    /// # Panics
    ///
    /// If another deed is to be repeated.
    pub fn did(&mut self, deed: Deed) {
        match self.next() {
            Some(next) => assert!(next == deed, "model: a history is repeated in order ({deed:?})"),
            None => {
                self.deeds.push(deed);
                if let Deed::Beat(_) = deed {
                    self.beats.push(self.deeds.len());
                }
            }
        }
        self.done += 1;
    }

    /// The forest opens a scope, with nothing left to be repeated.
    pub fn scope_open(&mut self) {
        self.scope = Some(self.deeds.len());
    }

    /// The forest closes the scope. Its writes are forgotten unless `keep` is set.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, keep: bool) {
        let count = self.scope.take().expect("model: a scope is open");
        if !keep {
            self.deeds.truncate(count);
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
            && !matches!(self.next(), None | Some(Deed::Beat(_) | Deed::Want))
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
        let put = |key| Deed::Put { tree: 0, key, stamp: key };
        for deed in [put(1), Deed::Beat(1), put(2), Deed::Beat(1), put(3)] {
            history.did(deed);
        }
        history.scope_open();
        history.did(put(4));
        history.scope_close(false);
        history.scope_open();
        history.did(put(5));
        history.reopen(1);
        let mut repeated = Vec::new();
        while let Some(deed) = history.next() {
            history.did(deed);
            repeated.push(deed);
        }
        assert_eq!(repeated, [put(2), Deed::Beat(1), put(3)]);
        history.did(put(6));
        assert_eq!(history.deeds().len(), 6);
    }
}

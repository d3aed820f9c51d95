//! A merge for writers: stream 0 is the oldest, and the records with one key are folded into at most one.
//!
//! ```text
//! streams --take--> candidate --(another key, or the end)--> ready --pop-->
//!                      |
//!                      '-- the same key: folded with the next newer one
//! ```
//!
//! - `input = out + dropped + remaining`, at any moment. What the look-ahead holds still remains; what is
//!   dropped counts when the look-ahead meets it, which may be before the record that survives is popped.
//! - So records that vanish in pairs at the very end are met by a peek or pop after the last record, which
//!   gives nothing: `remaining` is 0 only then.
//!
//! What this does not do: it knows nothing of what is below, and so drops no tombstone on its own.

use super::tournament::Tournament;
use super::{Folded, Popped, StreamHead, Streams, fold};
use crate::collections::Direction;
use crate::record::Record;

/// The records of each key, folded; see the [module](self).
#[derive(Debug)]
pub struct OldestFirst<R: Record> {
    tournament: Tournament<R::Key>,
    /// The oldest records with one key so far, folded.
    candidate: Option<R>,
    /// Folded to the end.
    ready: Option<R>,
    /// The records that the streams gave.
    taken: u64,
    counts: MergeCounts,
}

/// What a merge did with its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeCounts {
    /// All that the streams have.
    pub input: u64,
    /// Those that a newer one took the place of, or that vanished two by two.
    pub dropped: u64,
    /// Those that were popped.
    pub out: u64,
}

impl MergeCounts {
    /// Those that are neither dropped nor popped yet.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.input - self.dropped - self.out
    }
}

impl<R: Record> OldestFirst<R> {
    /// A merge of no streams yet, ascending, with room for `capacity` of them. All memory is allocated here.
    ///
    /// # Panics
    ///
    /// If the capacity is above [`LoserTree::CAPACITY_MAX`](super::LoserTree::CAPACITY_MAX).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            tournament: Tournament::new(capacity),
            candidate: None,
            ready: None,
            taken: 0,
            counts: MergeCounts::default(),
        }
    }

    /// Begins anew, with streams that were not asked yet and have `input` records in all.
    pub fn start(&mut self, direction: Direction, input: u64) {
        let Self { tournament, candidate, ready, taken, counts } = self;
        tournament.start(direction);
        *candidate = None;
        *ready = None;
        *taken = 0;
        *counts = MergeCounts { input, dropped: 0, out: 0 };
    }

    /// The key of what [`OldestFirst::pop`] gives next.
    ///
    /// # Panics
    ///
    /// If there are more streams than there is room for, one is not in order, they do not have as many records
    /// as was said, or break the promise of a secondary index.
    #[inline]
    pub fn peek<S: Streams<Record = R>>(&mut self, streams: &mut S) -> StreamHead<R::Key> {
        while self.ready.is_none() {
            match self.tournament.head(streams) {
                StreamHead::NotReady => return StreamHead::NotReady,
                StreamHead::Key(_) => {
                    let record = self.tournament.pop(streams);
                    self.take(record);
                }
                StreamHead::Ended => {
                    self.ready = self.candidate.take();
                    if self.ready.is_none() {
                        self.assert_all_taken();
                        return StreamHead::Ended;
                    }
                }
            }
        }
        self.ready.as_ref().map_or(StreamHead::Ended, |record| StreamHead::Key(record.key()))
    }

    /// What is left of the records with the next key of which anything is left.
    ///
    /// # Panics
    ///
    /// As [`OldestFirst::peek`].
    #[inline]
    pub fn pop<S: Streams<Record = R>>(&mut self, streams: &mut S) -> Popped<R> {
        if self.peek(streams) == StreamHead::NotReady {
            return Popped::NotReady;
        }
        let Some(record) = self.ready.take() else { return Popped::Ended };
        self.counts.out += 1;
        Popped::Record(record)
    }

    /// What was done since the start.
    #[must_use]
    #[inline]
    pub fn counts(&self) -> &MergeCounts {
        &self.counts
    }

    /// The next record in the order of keys, and among equal ones of age.
    #[inline]
    fn take(&mut self, record: R) {
        self.taken += 1;
        assert!(
            self.taken <= self.counts.input,
            "merge: the streams must not have more records than was said ({})",
            self.counts.input,
        );
        match self.candidate.replace(record) {
            None => {}
            Some(older) if older.key() == record.key() => match fold(&older, &record) {
                Folded::Newer => self.counts.dropped += 1,
                Folded::Nothing => {
                    self.candidate = None;
                    self.counts.dropped += 2;
                }
            },
            other => self.ready = other,
        }
    }

    /// At the end of all streams.
    fn assert_all_taken(&self) {
        let MergeCounts { input, dropped, out } = self.counts;
        assert!(
            self.taken == input,
            "merge: the streams must not have fewer records than was said ({} of {input})",
            self.taken,
        );
        assert!(
            input == dropped + out,
            "merge: every record must be dropped or given ({:?})",
            self.counts,
        );
    }
}

//! The merge for writers: the records with one key are folded into at most one. Stream 0 is the
//! oldest.
//!
//! ```text
//! streams --take--> candidate --(another key, or the end)--> ready --pop-->
//!                      |
//!                      '-- the same key: folded with the next newer record
//! ```
//!
//! - `input = out + dropped + remaining` always holds. The candidate and the ready record are
//!   included in `remaining`. A dropped record is counted as soon as a newer record replaces or
//!   cancels it, which may be before the surviving record is popped.
//! - Pairs that cancel each other after the last returned record are taken by the call that returns
//!   the end. So `remaining` is 0 only after that call.

use super::tournament::Tournament;
use super::{Folded, Popped, StreamHead, Streams, fold};
use crate::collections::Direction;
use crate::record::Record;

/// The records of each key, folded; see the [module](self).
#[derive(Debug)]
pub struct OldestFirst<R: Record> {
    tournament: Tournament<R::Key>,
    /// The fold of the records with the current key that were taken so far.
    candidate: Option<R>,
    /// The fold of all records with one key, which is popped next.
    ready: Option<R>,
    /// The number of records that were taken from the streams.
    taken: u64,
    counts: MergeCounts,
}

/// The counts of a merge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeCounts {
    /// The records of all streams.
    pub input: u64,
    /// The records that a newer record replaced, or that cancelled each other in pairs.
    pub dropped: u64,
    /// The records that were popped.
    pub out: u64,
}

impl MergeCounts {
    /// The records that are neither dropped nor popped yet.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.input - self.dropped - self.out
    }
}

impl<R: Record> OldestFirst<R> {
    /// An ascending merge of at most `capacity` streams. All memory is allocated here.
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

    /// Starts a merge of new streams, which have `input` records in total.
    pub fn start(&mut self, direction: Direction, input: u64) {
        let Self { tournament, candidate, ready, taken, counts } = self;
        tournament.start(direction);
        *candidate = None;
        *ready = None;
        *taken = 0;
        *counts = MergeCounts { input, dropped: 0, out: 0 };
    }

    /// The key of the record that [`OldestFirst::pop`] returns next.
    ///
    /// # Panics
    ///
    /// If there are more streams than the capacity, if a stream is not in order, if the streams do
    /// not have `input` records, or if a key of a secondary index was not put and removed
    /// alternately.
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

    /// The next record that remains after folding.
    ///
    /// # Panics
    ///
    /// The same as [`OldestFirst::peek`].
    #[inline]
    pub fn pop<S: Streams<Record = R>>(&mut self, streams: &mut S) -> Popped<R> {
        if self.peek(streams) == StreamHead::NotReady {
            return Popped::NotReady;
        }
        let Some(record) = self.ready.take() else { return Popped::Ended };
        self.counts.out += 1;
        Popped::Record(record)
    }

    /// The counts of the records since the start.
    #[must_use]
    #[inline]
    pub fn counts(&self) -> &MergeCounts {
        &self.counts
    }

    /// Takes the next record in the order of keys. Records with one key are taken from the oldest
    /// to the newest.
    #[inline]
    fn take(&mut self, record: R) {
        self.taken += 1;
        assert!(
            self.taken <= self.counts.input,
            "merge: the streams must not have more records than announced ({})",
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

    /// Asserts the counts at the end of all streams.
    fn assert_all_taken(&self) {
        let MergeCounts { input, dropped, out } = self.counts;
        assert!(
            self.taken == input,
            "merge: the streams must not have fewer records than announced ({} of {input})",
            self.taken,
        );
        assert!(
            input == dropped + out,
            "merge: every record must be dropped or returned ({:?})",
            self.counts,
        );
    }
}

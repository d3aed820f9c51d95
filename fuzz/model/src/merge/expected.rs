//! The records that a merge returns, computed from all records of all streams before the first
//! record is taken.
//!
//! Streams that are not ready do not matter here: they delay an answer but do not change it.

use super::{Record, Streams};
use crate::fold::is_left;
use crate::mutation::{Mutation, is_on};
use downbeat_input::version::{Usage, rank};

/// The records that a merge returns.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    descending: bool,
    /// The records, in the order in which they are returned.
    given: Vec<Given>,
    /// How many of them were taken.
    taken: usize,
    /// How many records all streams held.
    input: u64,
    /// How many of them the merge drops if it is read to the end without a seek.
    dropped: u64,
    /// How many of those the merge has certainly dropped so far.
    dropped_by_now: u64,
}

/// A record that a merge returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The version, and the stream that it comes from.
    pub record: Record,
    /// How many versions a merge that folds has dropped when it returns this record.
    pub dropped: u64,
}

impl Expected {
    /// Starts a merge that returns the newest version of each key. The first stream has the newest.
    pub fn newest_first(&mut self, streams: &Streams, descending: bool) {
        self.start(streams, descending, |records| {
            let newest = match is_on(Mutation::MergeGivesTheOldest) {
                true => records.len() - 1,
                false => 0,
            };
            newest..newest + 1
        });
    }

    /// Starts a merge that folds the versions of each key. The first stream has the oldest.
    pub fn oldest_first(&mut self, streams: &Streams, descending: bool, usage: Usage) {
        self.start(streams, descending, |records| {
            let end = records.len();
            if is_left(end, usage) { end - 1..end } else { end..end }
        });
    }

    /// Starts a tournament: it returns all records, those of a key in the order of the streams.
    pub fn tournament(&mut self, streams: &Streams, descending: bool) {
        self.start(streams, descending, |records| 0..records.len());
    }

    /// Starts a merge that returns those records of each key whose indexes `choose` returns.
    fn start(
        &mut self,
        streams: &Streams,
        descending: bool,
        choose: impl Fn(&[Record]) -> std::ops::Range<usize>,
    ) {
        let Expected { descending: own_descending, given, taken, input, dropped, dropped_by_now } =
            self;
        *own_descending = descending;
        given.clear();
        *taken = 0;
        *input = streams.records().len() as u64;
        *dropped = 0;
        *dropped_by_now = 0;
        let mut give = |records: &[Record]| {
            let chosen = &records[choose(records)];
            *dropped += (records.len() - chosen.len()) as u64;
            given.extend(chosen.iter().map(|record| Given { record: *record, dropped: *dropped }));
        };
        if descending {
            streams.by_key().rev().for_each(&mut give);
        } else {
            streams.by_key().for_each(&mut give);
        }
    }

    /// Returns the next record. From now on, the merge has certainly dropped the versions before
    /// this record.
    pub fn peek(&mut self) -> Option<Given> {
        let next = self.given.get(self.taken).copied();
        self.dropped_by_now = next.map_or(self.dropped, |given| given.dropped);
        next
    }

    /// Takes the next record.
    pub fn pop(&mut self) -> Option<Given> {
        let next = self.peek()?;
        self.taken += 1;
        Some(next)
    }

    /// Skips the keys before `key`, unless a key at or after it was taken. Returns whether it
    /// skips. Only for merges whose streams can seek.
    pub fn seek(&mut self, key: u64) -> bool {
        let rank = |key| rank(key, self.descending);
        let is_ahead = self.last().is_none_or(|last| rank(last.record.version.key) < rank(key));
        if is_ahead {
            let rest = &self.given[self.taken..];
            let passed = rest.partition_point(|given| rank(given.record.version.key) < rank(key));
            let passed = if is_on(Mutation::MergeSeeksOneTooFar) { passed + 1 } else { passed };
            self.given.drain(self.taken..(self.taken + passed).min(self.given.len()));
        }
        is_ahead
    }

    /// The record that was taken last.
    #[must_use]
    pub fn last(&self) -> Option<Given> {
        self.taken.checked_sub(1).map(|last| self.given[last])
    }

    /// The records that were not taken yet, in order.
    #[must_use]
    pub fn rest(&self) -> &[Given] {
        &self.given[self.taken..]
    }

    /// How many records were taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken as u64
    }

    /// How many records all streams held.
    #[must_use]
    pub fn input(&self) -> u64 {
        self.input
    }

    /// The minimum and the maximum number of versions that a merge that folds has dropped so far.
    /// The maximum includes those that the merge can drop before it returns the next record.
    #[must_use]
    pub fn dropped(&self) -> (u64, u64) {
        let next = self.given.get(self.taken).map_or(self.dropped, |given| given.dropped);
        (self.dropped_by_now, next)
    }
}

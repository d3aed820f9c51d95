//! A merge for readers: stream 0 is the newest, and of the records with one key the newest is given.
//!
//! - Keys are given once each, in the order of the direction.
//! - Tombstones are given as any record is: they say of older ones that they do not count.
//! - Of the records with one key the others are dropped as they come up, at the next call.
//!
//! What this does not do: it does not move streams. Whoever does says so by [`NewestFirst::seek`].

use super::tournament::Tournament;
use super::{Popped, StreamHead, Streams};
use crate::collections::Direction;
use crate::record::{Key, Record};

/// The newest record of each key; see the [module](self).
#[derive(Debug)]
pub struct NewestFirst<K> {
    tournament: Tournament<K>,
    /// The key popped last, since the start.
    last: Option<K>,
    dropped: u64,
}

impl<K: Key> NewestFirst<K> {
    /// A merge of no streams yet, ascending, with room for `capacity` of them. All memory is allocated here.
    ///
    /// # Panics
    ///
    /// If the capacity is above [`LoserTree::CAPACITY_MAX`](super::LoserTree::CAPACITY_MAX).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { tournament: Tournament::new(capacity), last: None, dropped: 0 }
    }

    /// Begins anew, with streams that were not asked yet.
    pub fn start(&mut self, direction: Direction) {
        let Self { tournament, last, dropped } = self;
        tournament.start(direction);
        *last = None;
        *dropped = 0;
    }

    /// Says that streams were moved, or others took their numbers: all are asked anew. The key popped last is
    /// kept, so that no key is given twice; what comes before it must not come up any more.
    pub fn reset(&mut self) {
        self.tournament.reset();
    }

    /// Whether the streams are to be moved to this key, as nothing at or past it was popped. If they are, it is
    /// as [`NewestFirst::reset`].
    #[must_use]
    pub fn seek(&mut self, key: K) -> bool {
        let direction = self.tournament.direction();
        let is_ahead = self.last.is_none_or(|last| direction.is_before(&last, &key));
        if is_ahead {
            self.reset();
        }
        is_ahead
    }

    /// The key of what [`NewestFirst::pop`] gives next.
    ///
    /// # Panics
    ///
    /// If there are more streams than there is room for, or one is not in order.
    #[inline]
    pub fn peek<R, S>(&mut self, streams: &mut S) -> StreamHead<K>
    where
        R: Record<Key = K>,
        S: Streams<Record = R>,
    {
        loop {
            let head = self.tournament.head(streams);
            match (head, self.last) {
                (StreamHead::Key(key), Some(last)) if key == last => {
                    self.tournament.pop(streams);
                    self.dropped += 1;
                }
                (StreamHead::Key(key), Some(last)) => {
                    assert!(
                        self.tournament.direction().is_before(&last, &key),
                        "merge: a stream must not go back ({key:?} after {last:?})",
                    );
                    return head;
                }
                (StreamHead::Key(_), None) | (StreamHead::Ended | StreamHead::NotReady, _) => {
                    return head;
                }
            }
        }
    }

    /// The newest record of the next key.
    ///
    /// # Panics
    ///
    /// As [`NewestFirst::peek`].
    #[inline]
    pub fn pop<R, S>(&mut self, streams: &mut S) -> Popped<R>
    where
        R: Record<Key = K>,
        S: Streams<Record = R>,
    {
        match self.peek(streams) {
            StreamHead::Key(key) => {
                let record = self.tournament.pop(streams);
                self.last = Some(key);
                Popped::Record(record)
            }
            StreamHead::Ended => Popped::Ended,
            StreamHead::NotReady => Popped::NotReady,
        }
    }

    /// The key popped last since the start.
    #[must_use]
    #[inline]
    pub fn last(&self) -> Option<K> {
        self.last
    }

    /// The older records that were dropped since the start.
    #[must_use]
    #[inline]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

//! The merge for readers: of the records with one key, the one of the newest stream. Stream 0 is
//! the newest.
//!
//! - Each key is returned once, in the order of the direction.
//! - Tombstones are returned like other records: the caller needs them to hide older versions.
//! - The next call drops the older records with the key that was popped.
//!
//! Only the caller moves streams to other keys. It reports this with [`NewestFirst::seek`] or
//! [`NewestFirst::reset`].

use super::tournament::Tournament;
use super::{Popped, StreamHead, Streams};
use crate::collections::Direction;
use crate::record::{Key, Record};

/// The newest record of each key; see the [module](self).
#[derive(Debug)]
pub struct NewestFirst<K> {
    tournament: Tournament<K>,
    /// The key that was popped last since the start.
    last: Option<K>,
    dropped: u64,
}

impl<K: Key> NewestFirst<K> {
    /// An ascending merge of at most `capacity` streams. All memory is allocated here.
    ///
    /// # Panics
    ///
    /// If the capacity is above [`LoserTree::CAPACITY_MAX`](super::LoserTree::CAPACITY_MAX).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { tournament: Tournament::new(capacity), last: None, dropped: 0 }
    }

    /// Starts a merge of new streams.
    pub fn start(&mut self, direction: Direction) {
        let Self { tournament, last, dropped } = self;
        tournament.start(direction);
        *last = None;
        *dropped = 0;
    }

    /// Must be called after the caller has moved streams or given their numbers to other streams.
    /// The merge then reads the heads of all streams again. It remembers the key that was popped
    /// last, so that no key is returned twice. No stream may go back before that key.
    pub fn reset(&mut self) {
        self.tournament.reset();
    }

    /// Returns whether the caller must move the streams to this key: true if neither this key nor a
    /// later key was popped. If true, this call also does [`NewestFirst::reset`].
    #[must_use]
    pub fn seek(&mut self, key: K) -> bool {
        let direction = self.tournament.direction();
        let is_ahead = self.last.is_none_or(|last| direction.is_before(&last, &key));
        if is_ahead {
            self.reset();
        }
        is_ahead
    }

    /// The key of the record that [`NewestFirst::pop`] returns next.
    ///
    /// # Panics
    ///
    /// If there are more streams than the capacity, or if a stream is not in order.
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
    /// The same as [`NewestFirst::peek`].
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

    /// The key that was popped last since the start.
    #[must_use]
    #[inline]
    pub fn last(&self) -> Option<K> {
        self.last
    }

    /// The number of older records that were dropped since the start.
    #[must_use]
    #[inline]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

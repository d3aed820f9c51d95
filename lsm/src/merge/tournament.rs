//! A loser tree over streams.
//!
//! ```text
//! start --> not built --(all heads are known)--> built: the head is known
//!                                                   |  ^
//!                                               pop v  | (the stream's next head is known)
//!                                                popped: the winner's head is outdated
//! ```
//!
//! - A pop does not read the stream's next head; the next call of [`Tournament::head`] does. So a
//!   stream that is not ready leaves the tournament unchanged.

use super::{LoserTree, NotReady, StreamHead, Streams};
use crate::collections::Direction;
use crate::record::{Key, Record};

#[derive(Debug)]
pub(super) struct Tournament<K> {
    tree: LoserTree<K>,
    direction: Direction,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotBuilt,
    Built,
    /// The head of the winner was popped.
    Popped,
}

impl<K: Key> Tournament<K> {
    pub(super) fn new(capacity: usize) -> Self {
        let tree = LoserTree::new(capacity);
        Self { tree, direction: Direction::Ascending, state: State::NotBuilt }
    }

    /// Starts a tournament of new streams.
    pub(super) fn start(&mut self, direction: Direction) {
        self.direction = direction;
        self.reset();
    }

    /// Forgets the heads. The next call reads those of all streams again.
    pub(super) fn reset(&mut self) {
        self.tree.clear();
        self.state = State::NotBuilt;
    }

    /// The next head.
    #[inline]
    pub(super) fn head<R, S>(&mut self, streams: &mut S) -> StreamHead<K>
    where
        R: Record<Key = K>,
        S: Streams<Record = R>,
    {
        match self.settle(streams) {
            Err(NotReady) => StreamHead::NotReady,
            Ok(()) => self.tree.winner().map_or(StreamHead::Ended, |(key, _)| StreamHead::Key(key)),
        }
    }

    /// Takes the record of the next head.
    #[inline]
    pub(super) fn pop<R, S>(&mut self, streams: &mut S) -> R
    where
        R: Record<Key = K>,
        S: Streams<Record = R>,
    {
        assert!(self.state == State::Built, "merge: a record is popped once its key is known");
        let Some((key, stream)) = self.tree.winner() else {
            panic!("merge: a record can be popped only if a stream has one");
        };
        let record = streams.pop(stream);
        assert!(
            record.key() == key,
            "merge: a stream must give what it showed (stream {stream}, {:?} for {key:?})",
            record.key(),
        );
        self.state = State::Popped;
        record
    }

    #[inline]
    pub(super) fn direction(&self) -> Direction {
        self.direction
    }

    #[inline]
    fn settle<R, S>(&mut self, streams: &mut S) -> Result<(), NotReady>
    where
        R: Record<Key = K>,
        S: Streams<Record = R>,
    {
        match self.state {
            State::Built => {}
            State::NotBuilt => {
                let count = streams.count();
                self.tree.build(self.direction, count, |stream| streams.peek(stream).ready())?;
            }
            State::Popped => {
                if let Some((_, stream)) = self.tree.winner() {
                    self.tree.replace_winner(streams.peek(stream).ready()?);
                }
            }
        }
        self.state = State::Built;
        Ok(())
    }
}

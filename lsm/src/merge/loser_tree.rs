//! A tournament over the heads of k streams. The head of a stream is the key of its next record.
//! The winner is the stream with the next record of all.
//!
//! ```text
//! winner                     2
//! losers[1]                  0            each loser stays at the match that it lost
//! losers[2..4]           1       3        leaves: the streams, padded to a power of two
//! heads               b   d    a   c      by stream
//! ```
//!
//! - A stream that has ended or does not exist loses against every stream that has a head. The end
//!   is not marked by a key: every key is valid.
//! - Of equal heads the one of the smaller stream number wins, in both directions.
//! - A new head of the winner plays one match per level of the tree: ceil(log2(k)) comparisons.
//!
//! After Knuth, The Art of Computer Programming, volume 3, section 5.4.1.

use crate::collections::Direction;
use crate::record::Key;

/// A tournament over the heads of streams; see the [module](self).
#[derive(Debug)]
pub struct LoserTree<K> {
    direction: Direction,
    stream_count: usize,
    /// The head of each stream, by stream number; `None` for leaves without a stream.
    heads: Box<[Option<K>]>,
    /// The stream that lost at each inner node. Nodes are numbered from 1; index 0 is not used.
    /// [`VACANT`] until a match is played.
    losers: Box<[u32]>,
    winner: u32,
}

/// No match was played at this node yet.
const VACANT: u32 = u32::MAX;

impl<K: Key> LoserTree<K> {
    /// The maximum number of streams.
    pub const CAPACITY_MAX: usize = 1 << 16;

    /// A tree without streams, for at most `capacity` streams, rounded up to a power of two. All
    /// memory is allocated here.
    ///
    /// # Panics
    ///
    /// If the capacity is above [`LoserTree::CAPACITY_MAX`].
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        assert!(
            capacity <= Self::CAPACITY_MAX,
            "loser_tree: the capacity must be at most {} streams ({capacity})",
            Self::CAPACITY_MAX,
        );
        let leaf_count = capacity.next_power_of_two();
        Self {
            direction: Direction::Ascending,
            stream_count: 0,
            heads: vec![None; leaf_count].into_boxed_slice(),
            losers: vec![VACANT; leaf_count].into_boxed_slice(),
            winner: 0,
        }
    }

    /// Plays all matches between `stream_count` streams, numbered from 0. `head` returns the head
    /// of a stream, or `None` if the stream has ended. It is called once per stream, in order.
    /// Takes time proportional to the number of streams.
    ///
    /// # Errors
    ///
    /// Returns the first error of `head`. The tree has no streams then.
    ///
    /// # Panics
    ///
    /// If there are more streams than [`LoserTree::capacity`].
    pub fn build<E>(
        &mut self,
        direction: Direction,
        stream_count: usize,
        mut head: impl FnMut(usize) -> Result<Option<K>, E>,
    ) -> Result<(), E> {
        assert!(
            stream_count <= self.heads.len(),
            "loser_tree: there must be room for all streams ({stream_count} of {})",
            self.heads.len(),
        );
        self.clear();
        for (stream, slot) in self.heads[..stream_count].iter_mut().enumerate() {
            match head(stream) {
                Ok(head) => *slot = head,
                Err(error) => {
                    self.clear();
                    return Err(error);
                }
            }
        }
        self.direction = direction;
        self.stream_count = stream_count;
        let leaf_count = self.leaf_count();
        self.heads[stream_count..leaf_count].fill(None);
        self.losers[..leaf_count].fill(VACANT);
        for leaf in 0..leaf_count {
            self.enter(leaf as u32);
        }
        Ok(())
    }

    /// Removes all streams.
    pub fn clear(&mut self) {
        self.stream_count = 0;
        self.winner = 0;
        self.heads[0] = None;
    }

    /// The next head, and the number of its stream. `None` if all streams have ended or there are
    /// none.
    #[must_use]
    #[inline]
    pub fn winner(&self) -> Option<(K, usize)> {
        self.heads[self.winner as usize].map(|key| (key, self.winner as usize))
    }

    /// Replaces the head of the winner; `None` if its stream has ended.
    ///
    /// # Panics
    ///
    /// If there is no winner, or the new head comes before the old one.
    #[inline]
    pub fn replace_winner(&mut self, head: Option<K>) {
        let Some((old, stream)) = self.winner() else {
            panic!("loser_tree: only a winner can be replaced, and all streams have ended");
        };
        if let Some(new) = &head {
            assert!(
                !self.direction.is_before(new, &old),
                "loser_tree: a stream must be in order (stream {stream}, {new:?} after {old:?})",
            );
        }
        self.heads[stream] = head;
        let mut contender = self.winner;
        let mut node = self.first_node(stream);
        while node > 0 {
            let loser = self.losers[node];
            if self.beats(loser, contender) {
                self.losers[node] = contender;
                contender = loser;
            }
            node /= 2;
        }
        self.winner = contender;
    }

    /// The number of streams, ended ones included.
    #[must_use]
    pub fn stream_count(&self) -> usize {
        self.stream_count
    }

    /// The maximum number of streams: the capacity given to [`LoserTree::new`], rounded up to a
    /// power of two.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.heads.len()
    }

    /// Checks that every match has the right loser. Takes time proportional to the number of
    /// streams.
    ///
    /// # Panics
    ///
    /// If a match has the wrong loser.
    pub fn verify(&self) {
        if self.stream_count == 0 {
            assert!(self.winner().is_none(), "loser_tree: without streams there must be no winner");
            return;
        }
        let leaf_count = self.leaf_count();
        for leaf in 0..leaf_count as u32 {
            assert!(
                leaf == self.winner || self.beats(self.winner, leaf),
                "loser_tree: the winner must beat every other stream ({leaf})",
            );
        }
        let mut losses = vec![0_u32; leaf_count];
        for node in 1..leaf_count {
            let loser = self.losers[node];
            losses[loser as usize] += 1;
            let mut ancestor = self.first_node(loser as usize);
            while ancestor > node {
                ancestor /= 2;
            }
            assert!(
                ancestor == node,
                "loser_tree: a stream must lose above its leaf ({loser} at node {node})",
            );
        }
        assert!(
            (0..leaf_count as u32)
                .all(|leaf| losses[leaf as usize] == u32::from(leaf != self.winner)),
            "loser_tree: every stream but the winner must lose once",
        );
    }

    /// Plays matches from a leaf upwards, to the first node that has no loser yet.
    fn enter(&mut self, leaf: u32) {
        let mut contender = leaf;
        let mut node = self.first_node(leaf as usize);
        while node > 0 {
            let waiting = self.losers[node];
            if waiting == VACANT {
                self.losers[node] = contender;
                return;
            }
            if self.beats(waiting, contender) {
                self.losers[node] = contender;
                contender = waiting;
            }
            node /= 2;
        }
        self.winner = contender;
    }

    #[inline]
    fn leaf_count(&self) -> usize {
        self.stream_count.next_power_of_two()
    }

    /// The inner node at which a stream plays first; 0 if there is one stream.
    #[inline]
    fn first_node(&self, stream: usize) -> usize {
        (self.leaf_count() + stream) / 2
    }

    /// Whether `stream` wins a match against `other`.
    #[inline]
    fn beats(&self, stream: u32, other: u32) -> bool {
        match (&self.heads[stream as usize], &self.heads[other as usize]) {
            (Some(head), Some(other_head)) => {
                if stream < other {
                    !self.direction.is_before(other_head, head)
                } else {
                    self.direction.is_before(head, other_head)
                }
            }
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => stream < other,
        }
    }
}

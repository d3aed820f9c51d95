//! The merges of the core, with one interface. There is a merge for each rule, and one of them is
//! current.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::merge::{
    LoserTree, NewestFirst, NotReady, OldestFirst, Popped, StreamHead, Streams,
};

use super::streams::Lists;
use downbeat::records::Versioned;

/// What a merge does with records of one key. The variants have the order of
/// [`downbeat_model::merge::Rule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Newest,
    Oldest,
    Tournament,
}

impl Rule {
    pub(super) const ALL: [Rule; 3] = [Rule::Newest, Rule::Oldest, Rule::Tournament];
}

/// A merge for each rule. That of `rule` is current.
#[derive(Debug)]
pub(super) struct Merges<R: Versioned> {
    pub(super) rule: Rule,
    pub(super) newest: NewestFirst<R::Key>,
    pub(super) oldest: OldestFirst<R>,
    pub(super) tree: LoserTree<R::Key>,
    /// Used only by the tournament.
    heads: Heads,
    direction: Direction,
}

/// What the loser tree knows about the heads of the streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heads {
    Unknown,
    Known,
    /// The record of the winner was taken, and its stream's next head is not known.
    Taken,
}

impl<R: Versioned> Merges<R> {
    pub(super) fn new(streams: usize) -> Self {
        Merges {
            rule: Rule::Newest,
            newest: NewestFirst::new(streams),
            oldest: OldestFirst::new(streams),
            tree: LoserTree::new(streams),
            heads: Heads::Unknown,
            direction: Direction::Ascending,
        }
    }

    pub(super) fn start(&mut self, rule: Rule, direction: Direction, input: u64) {
        self.rule = rule;
        match rule {
            Rule::Newest => self.newest.start(direction),
            Rule::Oldest => self.oldest.start(direction, input),
            Rule::Tournament => {
                self.direction = direction;
                self.reset_tree();
            }
        }
    }

    #[inline]
    pub(super) fn peek(&mut self, lists: &mut Lists<R>) -> StreamHead<R::Key> {
        match self.rule {
            Rule::Newest => self.newest.peek(lists),
            Rule::Oldest => self.oldest.peek(lists),
            Rule::Tournament => match self.settle(lists) {
                Err(NotReady) => StreamHead::NotReady,
                Ok(()) => {
                    self.tree.winner().map_or(StreamHead::Ended, |(key, _)| StreamHead::Key(key))
                }
            },
        }
    }

    #[inline]
    pub(super) fn pop(&mut self, lists: &mut Lists<R>) -> Popped<R> {
        match self.rule {
            Rule::Newest => self.newest.pop(lists),
            Rule::Oldest => self.oldest.pop(lists),
            Rule::Tournament => match self.peek(lists) {
                StreamHead::NotReady => Popped::NotReady,
                StreamHead::Ended => Popped::Ended,
                StreamHead::Key(_) => {
                    let (_, stream) = self.tree.winner().expect("the merge has a key");
                    self.heads = Heads::Taken;
                    Popped::Record(lists.pop(stream))
                }
            },
        }
    }

    /// Resets the merge, so that it asks its streams again. Panics for [`Rule::Oldest`].
    pub(super) fn reset(&mut self) {
        match self.rule {
            Rule::Newest => self.newest.reset(),
            Rule::Oldest => {
                unreachable!("merge: records that were taken cannot be asked for again")
            }
            Rule::Tournament => self.reset_tree(),
        }
    }

    fn reset_tree(&mut self) {
        self.tree.clear();
        self.heads = Heads::Unknown;
    }

    fn settle(&mut self, lists: &mut Lists<R>) -> Result<(), NotReady> {
        match self.heads {
            Heads::Known => {}
            Heads::Unknown => {
                let count = lists.count();
                let head = |stream| lists.peek(stream).ready();
                let built = self.tree.build(self.direction, count, head);
                // A tree whose build failed has no streams, and can be verified, too.
                self.tree.verify();
                built?;
            }
            Heads::Taken => {
                if let Some((_, stream)) = self.tree.winner() {
                    self.tree.replace_winner(lists.peek(stream).ready()?);
                }
            }
        }
        self.heads = Heads::Known;
        self.tree.verify();
        Ok(())
    }
}

//! States: feedback beyond edges.
//!
//! In a tree nearly every edge is taken within a minute; what tells one moment from another then is
//! the state: how full a node was when it split, how many tables a range met. A target asks such
//! questions about its system ([`StateGroup`]), each with a few answers, its buckets; a run marks the
//! buckets that it saw. libFuzzer takes them for coverage, the corpus is judged by them, and the
//! live line counts them.
//!
//! Invariants: a bucket stands for something that an input can reach, and that not every input does:
//! one that is never or always seen tells nothing. The buckets of a target are [`STATES_MAX`] at most.
//!
//! What it does not do: look at the system; a world does, from what the core says of itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The most buckets of a target, over all its groups.
pub const STATES_MAX: usize = 2048;

const WORDS: usize = STATES_MAX / 64;

/// One question about the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateGroup {
    /// The question, in words.
    pub name: Cow<'static, str>,
    /// How many answers it has, 1 or more.
    pub buckets: usize,
}

impl StateGroup {
    /// The group of this question, with so many answers.
    #[must_use]
    pub const fn new(name: &'static str, buckets: usize) -> Self {
        StateGroup { name: Cow::Borrowed(name), buckets }
    }
}

/// A group by its place in a target's list: what a world marks buckets of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    first: usize,
    buckets: usize,
}

impl State {
    /// Group number `number` of `groups`.
    ///
    /// # Panics
    ///
    /// If there is no such group, one without a bucket, or more than [`STATES_MAX`] buckets up to it.
    #[must_use]
    pub const fn of(groups: &[StateGroup], number: usize) -> Self {
        let mut first = 0;
        let mut group = 0;
        while group < number {
            first += groups[group].buckets;
            group += 1;
        }
        let buckets = groups[number].buckets;
        assert!(buckets > 0 && first + buckets <= STATES_MAX);
        State { first, buckets }
    }

    /// The place of bucket `bucket` among all of the target; above the last one, the last.
    #[inline]
    #[must_use]
    pub fn place(self, bucket: usize) -> usize {
        self.first + bucket.min(self.buckets - 1)
    }
}

/// The bucket of a number where each octave is one: 0, 1, 2 to 3, 4 to 7, ...
#[inline]
#[must_use]
pub fn octave(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()) as usize
}

/// A set of buckets.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateSet {
    words: [u64; WORDS],
}

impl StateSet {
    /// Words of a set, for who stores one.
    pub const WORDS: usize = WORDS;

    /// No bucket.
    pub const EMPTY: StateSet = StateSet { words: [0; WORDS] };

    /// The set of which [`StateSet::words`] gave `words`.
    #[must_use]
    pub fn from_words(words: [u64; WORDS]) -> Self {
        StateSet { words }
    }

    /// The set as words.
    #[inline]
    #[must_use]
    pub fn words(&self) -> &[u64; WORDS] {
        &self.words
    }

    /// Adds the bucket at `place`.
    #[inline]
    pub fn insert(&mut self, place: usize) {
        self.words[place / 64] |= 1 << (place % 64);
    }

    /// Whether the bucket at `place` is in it.
    #[must_use]
    pub fn contains(&self, place: usize) -> bool {
        self.words[place / 64] & (1 << (place % 64)) != 0
    }

    /// How many buckets are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// Adds all of `other`.
    #[inline]
    pub fn unite(&mut self, other: &StateSet) {
        for (word, other) in self.words.iter_mut().zip(other.words) {
            *word |= other;
        }
    }

    /// The places of its buckets, ascending.
    #[inline]
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(64 * index + bit)
            })
        })
    }
}

impl std::fmt::Debug for StateSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.places()).finish()
    }
}

/// How many buckets `groups` have.
#[must_use]
pub fn count(groups: &[StateGroup]) -> usize {
    groups.iter().map(|group| group.buckets).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: &[StateGroup] = &[StateGroup::new("first", 63), StateGroup::new("second", 3)];

    #[test]
    fn groups_lie_side_by_side_and_what_is_beyond_the_last_bucket_is_in_it() {
        let second = State::of(GROUPS, 1);
        assert_eq!([0, 2, 9].map(|bucket| second.place(bucket)), [63, 65, 65]);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut seen = StateSet::EMPTY;
        (0..65).for_each(|place| seen.insert(place));
        assert_eq!(seen.len(), 65);
        assert_eq!(seen.places().collect::<Vec<_>>(), (0..65).collect::<Vec<_>>());
    }

    #[test]
    fn an_octave_is_a_bucket() {
        assert_eq!([0, 1, 2, 3, 4, 7, 8].map(octave), [0, 1, 2, 2, 3, 3, 4]);
    }
}

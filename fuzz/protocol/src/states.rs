//! States: feedback beyond edges.
//!
//! In a tree nearly every edge is reached within a minute. After that, only the state of the system
//! distinguishes runs: for example, how full a node was when it split, or how many tables a range
//! overlapped. A target asks such questions about its system ([`StateGroup`]). The possible answers
//! to a question are its buckets, and a run marks the buckets that it reached. libFuzzer treats
//! buckets as coverage, the gate requires that a corpus reaches them, and the live line counts
//! them.
//!
//! Invariants: each bucket is reached by some inputs and not by all, because a bucket that is never
//! or always reached gives no information. A target has at most [`STATES_MAX`] buckets.
//!
//! A world determines the buckets from the statistics of the core.

use std::borrow::Cow;
use std::str::Chars;

use nanoserde::{DeJson, DeJsonErr, DeJsonState, SerJson, SerJsonState};

/// The maximum number of buckets of a target, over all its groups.
pub const STATES_MAX: usize = 2048;

const WORDS: usize = STATES_MAX / 64;

/// A question about the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateGroup {
    /// The question, in words.
    pub name: Cow<'static, str>,
    /// The number of answers, at least 1.
    pub buckets: usize,
}

impl StateGroup {
    /// Creates the group of a question with `buckets` answers.
    #[must_use]
    pub const fn new(name: &'static str, buckets: usize) -> Self {
        StateGroup { name: Cow::Borrowed(name), buckets }
    }
}

// As JSON, a group is a list of its name and its number of buckets. The derived implementations
// do not support `Cow`.
impl SerJson for StateGroup {
    fn ser_json(&self, depth: usize, state: &mut SerJsonState) {
        (self.name.to_string(), self.buckets).ser_json(depth, state);
    }
}

impl DeJson for StateGroup {
    fn de_json(state: &mut DeJsonState, input: &mut Chars<'_>) -> Result<Self, DeJsonErr> {
        let (name, buckets): (String, usize) = DeJson::de_json(state, input)?;
        Ok(StateGroup { name: name.into(), buckets })
    }
}

/// The place of a group among the buckets of a target. Worlds mark buckets with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    first: usize,
    buckets: usize,
}

impl State {
    /// Returns the place of group number `number` of `groups`.
    ///
    /// # Panics
    ///
    /// If there is no such group, if it has no bucket, or if the groups up to it have more than
    /// [`STATES_MAX`] buckets.
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

    /// Returns the place of bucket `bucket` among all buckets of the target. A number above the
    /// last bucket gives the last.
    #[inline]
    #[must_use]
    pub fn place(self, bucket: usize) -> usize {
        self.first + bucket.min(self.buckets - 1)
    }
}

/// Returns the bucket of a number if the buckets are 0, 1, 2 to 3, 4 to 7 and so on.
#[inline]
#[must_use]
pub fn octave(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()) as usize
}

/// A set of buckets.
#[derive(Clone, Copy, PartialEq, Eq, SerJson, DeJson)]
pub struct StateSet {
    words: [u64; WORDS],
}

impl StateSet {
    /// The number of words of a set, for code that stores a set.
    pub const WORDS: usize = WORDS;

    /// The empty set.
    pub const EMPTY: StateSet = StateSet { words: [0; WORDS] };

    /// Creates the set from the words that [`StateSet::words`] returned.
    #[must_use]
    pub fn from_words(words: [u64; WORDS]) -> Self {
        StateSet { words }
    }

    /// Returns the set as words.
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

    /// Returns whether the bucket at `place` is in the set.
    #[must_use]
    pub fn contains(&self, place: usize) -> bool {
        self.words[place / 64] & (1 << (place % 64)) != 0
    }

    /// Returns the number of buckets in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// Adds all buckets of `other`.
    #[inline]
    pub fn unite(&mut self, other: &StateSet) {
        for (word, other) in self.words.iter_mut().zip(other.words) {
            *word |= other;
        }
    }

    /// Iterates over the places of the set's buckets, ascending.
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

/// Returns the number of buckets of `groups`.
#[must_use]
pub const fn count(groups: &[StateGroup]) -> usize {
    let (mut count, mut group) = (0, 0);
    while group < groups.len() {
        count += groups[group].buckets;
        group += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: &[StateGroup] = &[StateGroup::new("first", 63), StateGroup::new("second", 3)];

    #[test]
    fn groups_are_adjacent_and_a_number_above_the_last_bucket_gives_the_last() {
        let second = State::of(GROUPS, 1);
        assert_eq!([0, 2, 9].map(|bucket| second.place(bucket)), [63, 65, 65]);
    }

    #[test]
    fn a_set_contains_the_states_that_were_added() {
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

//! Scans: a range, and the turns in which its pairs are read from its two ends.

use std::ops::Bound;

use crate::engine::{Error, Pair, Result};

/// The turns in which the pairs of a range are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// All from the front.
    Forward,
    /// All from the back.
    Backward,
    /// From the front and from the back in turn.
    Alternating,
    /// Two from the front, then one from the back.
    Uneven,
}

impl Turns {
    /// Every kind, in the order of their numbers in inputs.
    pub(crate) const ALL: [Turns; 4] =
        [Turns::Forward, Turns::Backward, Turns::Alternating, Turns::Uneven];

    /// Whether pair number `number`, from 0, is read from the back.
    fn is_back(self, number: usize) -> bool {
        match self {
            Turns::Forward => false,
            Turns::Backward => true,
            Turns::Alternating => number % 2 == 1,
            Turns::Uneven => number % 3 == 2,
        }
    }
}

/// A scan of a range.
#[derive(Clone, Debug)]
pub struct Scan<'a> {
    bounds: (Bound<&'a [u8]>, Bound<&'a [u8]>),
    turns: Turns,
    /// The maximum number of pairs.
    take: usize,
}

impl<'a> Scan<'a> {
    /// Everything, in the order of keys.
    pub const ALL: Scan<'static> = Scan {
        bounds: (Bound::Unbounded, Bound::Unbounded),
        turns: Turns::Forward,
        take: usize::MAX,
    };

    /// A scan that reads at most `take` pairs between `low` and `high`.
    #[must_use]
    pub fn new(low: Bound<&'a [u8]>, high: Bound<&'a [u8]>, turns: Turns, take: usize) -> Self {
        Scan { bounds: (low, high), turns, take }
    }

    /// The lower and the upper bound, as the methods of most maps take them.
    #[must_use]
    pub fn bounds(&self) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
        self.bounds
    }

    /// The bounds as owned keys.
    #[must_use]
    pub fn owned_bounds(&self) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
        (self.bounds.0.map(<[u8]>::to_vec), self.bounds.1.map(<[u8]>::to_vec))
    }

    /// The same range as the first key within it and the first key above it, for engines that have
    /// only such ranges. `None` is unbounded.
    #[must_use]
    pub fn half_open(&self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        // The key after a key is the same key with a zero.
        let after = |key: &[u8]| [key, &[0]].concat();
        let low = match self.bounds.0 {
            Bound::Included(low) => Some(low.to_vec()),
            Bound::Excluded(low) => Some(after(low)),
            Bound::Unbounded => None,
        };
        let high = match self.bounds.1 {
            Bound::Included(high) => Some(after(high)),
            Bound::Excluded(high) => Some(high.to_vec()),
            Bound::Unbounded => None,
        };
        (low, high)
    }

    /// The turns in which the pairs are read.
    #[must_use]
    pub fn turns(&self) -> Turns {
        self.turns
    }

    /// The maximum number of pairs that are read.
    #[must_use]
    pub fn take(&self) -> usize {
        self.take
    }

    /// Whether a key is within the bounds.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        let above = match self.bounds.0 {
            Bound::Included(low) => key >= low,
            Bound::Excluded(low) => key > low,
            Bound::Unbounded => true,
        };
        above
            && match self.bounds.1 {
                Bound::Included(high) => key <= high,
                Bound::Excluded(high) => key < high,
                Bound::Unbounded => true,
            }
    }

    /// Whether no key could be between the bounds: the start is above the end, or they are equal
    /// and one of them is excluded. `BTreeMap::range` panics for some such ranges.
    #[must_use]
    pub fn is_inverted(&self) -> bool {
        use Bound::{Excluded, Included, Unbounded};
        match self.bounds {
            (Unbounded, _) | (_, Unbounded) => false,
            (Included(low), Included(high)) => low > high,
            (Included(low) | Excluded(low), Included(high) | Excluded(high)) => low >= high,
        }
    }

    /// Reads an iterator over the range: from both of its ends, in turns, until the scan has enough
    /// pairs or the iterator ends.
    ///
    /// # Errors
    ///
    /// The first error of the iterator.
    pub fn read<K: AsRef<[u8]>, V: AsRef<[u8]>, E: Into<Error>>(
        &self,
        pairs: impl DoubleEndedIterator<Item = std::result::Result<(K, V), E>>,
    ) -> Result<Vec<Pair>> {
        let owned = |(key, value): (K, V)| (key.as_ref().to_vec(), value.as_ref().to_vec());
        self.in_turns(pairs).map(|pair| pair.map(owned).map_err(Into::into)).collect()
    }

    /// Reads an iterator that has only one direction. All turns are taken from the pairs in memory.
    ///
    /// # Errors
    ///
    /// The first error of the iterator.
    pub fn read_forward<K: AsRef<[u8]>, V: AsRef<[u8]>, E: Into<Error>>(
        &self,
        pairs: impl Iterator<Item = std::result::Result<(K, V), E>>,
    ) -> Result<Vec<Pair>> {
        let pairs: std::result::Result<Vec<(K, V)>, E> = match self.turns {
            Turns::Forward => pairs.take(self.take).collect(),
            _ => pairs.collect(),
        };
        self.read(pairs.map_err(Into::into)?.into_iter().map(Ok::<_, Error>))
    }

    /// Whether all pairs are read from the back. An engine whose iterators have one direction reads
    /// such a scan with [`Scan::read_backward`], and the others with [`Scan::read_forward`].
    #[must_use]
    pub fn is_backward(&self) -> bool {
        self.turns == Turns::Backward
    }

    /// Reads an iterator that begins at the last pair of the range and goes back.
    ///
    /// # Errors
    ///
    /// The first error of the iterator.
    pub fn read_backward<K: AsRef<[u8]>, V: AsRef<[u8]>, E: Into<Error>>(
        &self,
        pairs: impl Iterator<Item = std::result::Result<(K, V), E>>,
    ) -> Result<Vec<Pair>> {
        let owned = |(key, value): (K, V)| (key.as_ref().to_vec(), value.as_ref().to_vec());
        pairs.take(self.take).map(|pair| pair.map(owned).map_err(Into::into)).collect()
    }

    /// The items of an iterator in the order in which the scan reads them.
    pub(crate) fn in_turns<I: DoubleEndedIterator>(
        &self,
        mut items: I,
    ) -> impl Iterator<Item = I::Item> {
        let turns = self.turns;
        let mut number = 0;
        std::iter::from_fn(move || {
            number += 1;
            if turns.is_back(number - 1) { items.next_back() } else { items.next() }
        })
        .take(self.take)
    }
}

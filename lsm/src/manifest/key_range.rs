//! A non-empty range of keys, both ends included: `min <= max`.

use std::fmt::Debug;

/// The keys from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyRange<K> {
    /// The smallest key.
    pub min: K,
    /// The largest key.
    pub max: K,
}

impl<K: Ord + Copy + Debug> KeyRange<K> {
    /// The keys from `min` to `max`, both included.
    ///
    /// # Panics
    ///
    /// If `min` is above `max`.
    #[must_use]
    #[inline]
    pub fn new(min: K, max: K) -> Self {
        let range = Self { min, max };
        range.assert_ordered();
        range
    }

    /// Whether the range contains this key.
    #[must_use]
    #[inline]
    pub fn contains(&self, key: K) -> bool {
        self.min <= key && key <= self.max
    }

    /// Whether the two ranges have a key in common.
    #[must_use]
    #[inline]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.min <= other.max && other.min <= self.max
    }

    /// The smallest range that contains both ranges.
    #[must_use]
    #[inline]
    pub fn union(&self, other: &Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Asserts that `min <= max`: the fields are public, so a caller can build an invalid range.
    #[inline]
    pub(super) fn assert_ordered(&self) {
        let Self { min, max } = self;
        assert!(min <= max, "key_range: min must not be above max ({min:?}, {max:?})");
    }
}

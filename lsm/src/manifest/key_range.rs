//! A range of keys that includes both of its ends.
//!
//! - `min <= max`: a range is never empty.
//!
//! What this does not do: it knows no open ends; the extreme keys are the ends of a range over all.

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

    /// Whether this key is in the range.
    #[must_use]
    #[inline]
    pub fn contains(&self, key: K) -> bool {
        self.min <= key && key <= self.max
    }

    /// Whether some key is in both ranges.
    #[must_use]
    #[inline]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.min <= other.max && other.min <= self.max
    }

    /// The smallest range that holds both.
    #[must_use]
    #[inline]
    pub fn union(&self, other: &Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The fields are public, so that a range from elsewhere may be none.
    #[inline]
    pub(super) fn assert_ordered(&self) {
        let Self { min, max } = self;
        assert!(min <= max, "key_range: min must not be above max ({min:?}, {max:?})");
    }
}

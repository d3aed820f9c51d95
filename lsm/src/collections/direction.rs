//! The two directions in which ordered elements can be visited.

/// The direction of an iteration or a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the first to the last.
    Ascending,
    /// From the last to the first.
    Descending,
}

impl Direction {
    /// Returns the opposite direction.
    #[must_use]
    #[inline]
    pub fn reverse(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// Returns whether `first` is visited before `second`. Returns false if they are equal.
    #[must_use]
    #[inline]
    pub fn is_before<K: Ord>(self, first: &K, second: &K) -> bool {
        match self {
            Self::Ascending => first < second,
            Self::Descending => first > second,
        }
    }
}

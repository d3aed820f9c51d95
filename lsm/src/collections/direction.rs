//! The two ways through an order.
//!
//! What this does not do: it does not say which order.

/// A way through an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the first to the last.
    Ascending,
    /// From the last to the first.
    Descending,
}

impl Direction {
    /// The other one.
    #[must_use]
    #[inline]
    pub fn reverse(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// Whether `first` comes before `second` on this way. Of two equal ones neither does.
    #[must_use]
    #[inline]
    pub fn is_before<K: Ord>(self, first: &K, second: &K) -> bool {
        match self {
            Self::Ascending => first < second,
            Self::Descending => first > second,
        }
    }
}

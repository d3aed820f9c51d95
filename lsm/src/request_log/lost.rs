//! What a damaged log has lost.

use std::fmt;

/// The requests that a damaged log has lost: a first one whose entry is missing, damaged or
/// unreadable, and all after it, because requests are executed in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostRequests {
    /// The first request that is lost.
    pub first: u64,
    /// The last request that is known to have been durable. If it is less than `first`, none that
    /// is lost is known: the place of `first` cannot be read, and may have an entry.
    pub last: u64,
    /// How many of these requests have a valid entry. They come after the damage.
    pub intact: u64,
}

impl LostRequests {
    /// Returns whether all requests that `other` loses are lost here, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

impl fmt::Display for LostRequests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, intact } = *self;
        if last < first {
            return write!(formatter, "request {first} may have been durable, and is unreadable");
        }
        write!(formatter, "request {first} was durable, and is missing or damaged")?;
        if first < last {
            let after = last - first;
            write!(formatter, "; of the {after} after it, up to {last}, {intact} are intact")?;
        }
        Ok(())
    }
}

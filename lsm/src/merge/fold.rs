//! What becomes of two records with one key that are neighbours in age.
//!
//! - Folded from the oldest to the newest, any number of them is at most one.
//!
//! What this does not do: it drops no tombstone on its own. That takes knowledge of what is below.

use crate::record::{Record, Usage};

/// What is left of two records with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// The newer one, in place of the older.
    Newer,
    /// Nothing: one removed what the other had put, or put again what it had removed.
    Nothing,
}

/// What is left of a record and the next newer one with the same key.
///
/// # Panics
///
/// If both are tombstones, or neither is, in a secondary index: who writes it promises to put and remove a key
/// in turn.
#[inline]
pub fn fold<R: Record>(older: &R, newer: &R) -> Folded {
    match R::USAGE {
        Usage::General => Folded::Newer,
        Usage::SecondaryIndex => {
            assert!(
                older.is_tombstone() != newer.is_tombstone(),
                "merge: a secondary index must be put and removed in turn (key {:?}, tombstones {})",
                newer.key(),
                newer.is_tombstone(),
            );
            Folded::Nothing
        }
    }
}

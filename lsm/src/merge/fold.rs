//! The rule for two records with one key: what remains of an older record and the next newer one.
//!
//! - Folded from the oldest to the newest, any number of records becomes one record or none.
//! - A tombstone that remains is kept. Whether it may be dropped depends on the levels below, which
//!   the caller knows.

use crate::record::{Record, Usage};

/// The result of folding two records with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// The newer record, in place of the older one.
    Newer,
    /// No record: one of the two put the key and the other removed it.
    Nothing,
}

/// Returns whether a record can be followed by the next newer record with the same key: a key of a
/// secondary index is put and removed alternately.
#[inline]
pub(crate) fn is_in_turn<R: Record>(older: &R, newer: &R) -> bool {
    match R::USAGE {
        Usage::General => true,
        Usage::SecondaryIndex => older.is_tombstone() != newer.is_tombstone(),
    }
}

/// Folds a record and the next newer record with the same key.
///
/// # Panics
///
/// If both records of a secondary index are tombstones, or neither is: a key must be put and
/// removed alternately.
#[inline]
pub fn fold<R: Record>(older: &R, newer: &R) -> Folded {
    match R::USAGE {
        Usage::General => Folded::Newer,
        Usage::SecondaryIndex => {
            assert!(
                is_in_turn(older, newer),
                "merge: keys of an index must be put and removed in turn (key {:?}, tombstones {})",
                newer.key(),
                newer.is_tombstone(),
            );
            Folded::Nothing
        }
    }
}

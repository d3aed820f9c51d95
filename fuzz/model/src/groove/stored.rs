//! The types of objects, as the model sees them.

use std::fmt::Debug;

use crate::mutation::{Mutation, is_on};

/// The largest timestamp of an object.
pub const TIMESTAMP_MAX: u64 = (1 << 63) - 1;

/// What a field is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// No query can name the field.
    Plain,
    /// No two objects have the same value.
    Unique,
    /// Any number of objects may have the same value.
    Index,
    /// As [`Rule::Index`], but no query can name the value 0.
    Optional,
    /// No field, but a function of the object. Some objects have no value.
    Derived,
}

/// An object.
pub trait Stored: Copy + PartialEq + Debug {
    /// The fields and then the derived indexes, by number.
    const FIELDS: &'static [Rule];

    /// The timestamp, which no two objects share.
    fn timestamp(&self) -> u64;

    /// The primary key.
    fn primary(&self) -> u128;

    /// The value of the field with this number. 0 for a derived index.
    fn value(&self, field: usize) -> u128;

    /// The value of the derived index with this number, if the object has one.
    #[inline]
    fn derived(&self, _index: usize) -> Option<u128> {
        None
    }

    /// The value of the unique field that is not the primary key.
    fn code(&self) -> Option<u64> {
        None
    }

    /// The value of the object's entry in the tree of a field or derived index; `None` if the tree
    /// has no entry for the object.
    #[inline]
    fn indexed(&self, field: usize) -> Option<u128> {
        let value = self.value(field);
        match Self::FIELDS[field] {
            Rule::Plain => None,
            Rule::Optional if value == 0 && !is_on(Mutation::GrooveIndexesZero) => None,
            Rule::Optional | Rule::Unique | Rule::Index => Some(value),
            Rule::Derived => self.derived(field),
        }
    }
}

/// The timestamp of the object with this number, from 1. `kind` is an index into
/// [`TIME_NAMES`](super::TIME_NAMES).
#[must_use]
pub fn timestamp(kind: usize, number: u64) -> u64 {
    match kind {
        0 => number,
        1 => TIMESTAMP_MAX + 1 - number,
        // The factor is odd, so different numbers below 2^63 have different products modulo 2^63.
        _ => number.wrapping_mul(0x9e37_79b9_7f4a_7c15) & TIMESTAMP_MAX,
    }
}

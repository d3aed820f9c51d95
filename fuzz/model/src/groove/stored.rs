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
}

/// An object.
pub trait Stored: Copy + PartialEq + Debug {
    /// The fields, by number.
    const FIELDS: &'static [Rule];

    /// The timestamp, which no two objects share.
    fn timestamp(&self) -> u64;

    /// The primary key.
    fn primary(&self) -> u128;

    /// The value of the field with this number.
    fn value(&self, field: usize) -> u128;

    /// The value of the unique field that is not the primary key.
    fn code(&self) -> Option<u64> {
        None
    }

    /// Whether the tree of a field has an entry for the object.
    fn is_indexed(&self, field: usize) -> bool {
        match Self::FIELDS[field] {
            Rule::Plain => false,
            Rule::Optional => self.value(field) != 0 || is_on(Mutation::GrooveIndexesZero),
            Rule::Unique | Rule::Index => true,
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

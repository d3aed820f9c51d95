//! Records: the elements of trees. A record has a fixed size, and a key that is computed from its
//! bytes. Some records are tombstones.
//!
//! - [`Key`]: the sort key. Every number is a valid key, the largest included.
//! - [`Record`]: plain bytes, written to disk as they are.
//! - [`Usage`]: the rules for the writes to a tree. They decide how two records with one key are
//!   merged.

mod key;
mod usage;

pub use key::{Key, Key256};
pub use usage::Usage;

use std::fmt::Debug;

use crate::collections::Element;

/// An element of a tree: plain bytes without padding. The size is a power of two, from
/// [`RECORD_SIZE_MIN`] to [`RECORD_SIZE_MAX`], inclusive. Records are stored on disk as they are in
/// memory: use little-endian numbers in them if the file must be portable.
pub trait Record: Element + Debug + PartialEq + 'static {
    /// The sort key.
    type Key: Key;

    /// How trees of these records are used.
    const USAGE: Usage;

    /// Returns the key. The key of a tombstone is that of the record that it removes.
    fn key(&self) -> Self::Key;

    /// Returns whether the record is a tombstone.
    fn is_tombstone(&self) -> bool;

    /// Creates the tombstone of this key.
    fn tombstone(key: Self::Key) -> Self;
}

/// The minimum size of a record in bytes, inclusive.
pub const RECORD_SIZE_MIN: usize = 8;

/// The maximum size of a record in bytes, inclusive.
pub const RECORD_SIZE_MAX: usize = 256;

#[doc(hidden)]
/// Refuses, at compile time, a record with an invalid size or alignment.
///
/// # Panics
///
/// If the size or alignment is invalid.
pub const fn assert_record_layout<R: Record>() {
    assert!(size_of::<R>().is_power_of_two(), "record: its size must be a power of two");
    assert!(
        size_of::<R>() >= RECORD_SIZE_MIN && size_of::<R>() <= RECORD_SIZE_MAX,
        "record: its size must be from 8 to 256 bytes",
    );
    assert!(align_of::<R>() <= 16, "record: it must be aligned to 16 bytes or fewer");
}

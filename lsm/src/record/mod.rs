//! Records: what trees hold. A fixed number of bytes, a key computed from them, and a tombstone.
//!
//! - [`Key`]: what records are ordered by. Every value is legal, the largest included.
//! - [`Record`]: plain bytes, written to disk as they are.
//! - [`Usage`]: what the writer of a tree promises, and so what may become of two records with one key.
//!
//! What this does not do: it stores nothing.

mod key;
mod usage;

pub use key::{Key, Key256};
pub use usage::Usage;

use std::fmt::Debug;

use crate::collections::Element;

/// What a tree holds: plain bytes without padding, a power of two of them, from [`RECORD_SIZE_MIN`] to
/// [`RECORD_SIZE_MAX`]. They are on disk as they are: who wants files that any platform reads makes
/// records of little-endian numbers.
pub trait Record: Element + Debug + PartialEq {
    /// What it is ordered by.
    type Key: Key;

    /// How trees of it are used.
    const USAGE: Usage;

    /// Its key. A tombstone has that of the record that it removes.
    fn key(&self) -> Self::Key;

    /// Whether it says that there is no record with its key.
    fn is_tombstone(&self) -> bool;

    /// The record that says that there is none with this key.
    fn tombstone(key: Self::Key) -> Self;
}

/// The fewest bytes of a record, inclusive.
pub const RECORD_SIZE_MIN: usize = 8;

/// The most bytes of a record, inclusive.
pub const RECORD_SIZE_MAX: usize = 256;

#[doc(hidden)]
/// Refuses, while it is compiled, a record that a block cannot hold.
///
/// # Panics
///
/// If its size or alignment is none that a record has.
pub const fn assert_record_layout<R: Record>() {
    assert!(size_of::<R>().is_power_of_two(), "record: its size must be a power of two");
    assert!(
        size_of::<R>() >= RECORD_SIZE_MIN && size_of::<R>() <= RECORD_SIZE_MAX,
        "record: its size must be from 8 to 256 bytes",
    );
    assert!(align_of::<R>() <= 16, "record: it must be aligned to 16 bytes or fewer");
}

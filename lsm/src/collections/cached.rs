//! The requirements of a cache on the values that it holds.
//!
//! - The key is a function of the value: the same bits always give the same key.
//! - Equal keys have equal hashes, under every hasher.
//!
//! Keys need no order: caches compare them for equality only.

use std::fmt::Debug;
use std::hash::Hash;

/// A value that a cache can hold: it has a fixed size and contains its key.
pub trait Cached: Copy {
    /// The key by which the value is found.
    type Key: Copy + Eq + Hash + Debug;

    /// The key of this value.
    fn key(&self) -> Self::Key;
}

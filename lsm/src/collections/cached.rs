//! The values that a cache can store, and the requirements on their keys.
//!
//! - The key is a function of the value: the same bits always give the same key.
//! - Equal keys have equal hashes, under every hasher.
//!
//! Keys need no order: caches compare them for equality only.

use std::fmt::Debug;
use std::hash::Hash;

/// A value that a cache can store: it has a fixed size and contains its key.
pub trait Cached: Copy {
    /// The key by which the value is found.
    type Key: Copy + Eq + Hash + Debug;

    /// Returns the key of this value.
    fn key(&self) -> Self::Key;
}

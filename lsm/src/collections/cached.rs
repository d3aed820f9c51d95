//! What a cache asks of the values it holds.
//!
//! - The key is a function of the value: the same bits give the same key, always.
//! - Equal keys hash equally, under every hasher.
//!
//! What this does not do: it says nothing about order; caches compare keys for equality only.

use std::fmt::Debug;
use std::hash::Hash;

/// A value that a cache holds: fixed size, knows its own key.
pub trait Cached: Copy {
    /// What the value is found by.
    type Key: Copy + Eq + Hash + Debug;

    /// The key of this value.
    fn key(&self) -> Self::Key;
}

//! Data structures that know nothing about trees.
//!
//! - [`SetAssociativeCache`]: a bounded cache; an insert may evict another entry.
//! - [`CacheMap`]: a map on top of such a cache that surely holds what was written since its last
//!   compaction, and can take writes back.
//! - [`NodePool`]: a fixed number of pieces of memory, for the structures that share it.
//! - [`SegmentedArray`]: an array in nodes of a pool, in which inserts move few elements;
//!   [`SortedSegmentedArray`]: the same in the order of keys.
//!
//! All of them are deterministic, allocate in their constructors only, and take their hasher from
//! the caller. Any hasher is correct, the one that maps all keys to one hash included: quality
//! decides speed alone.

pub mod cache_map;
mod cached;
mod direction;
mod invalid_options;
pub mod node_pool;
pub mod segmented_array;
pub mod set_associative_cache;

pub use cache_map::{CacheMap, CacheMapOptions, Lookup, ScopeOutcome, StashEntry, Statistics};
pub use cached::Cached;
pub use direction::Direction;
pub use invalid_options::InvalidOptions;
pub use node_pool::{Element, Node, NodePool, NodePoolOptions};
pub use segmented_array::{
    Cursor, SegmentedArray, SegmentedArrayOptions, Sorted, SortedSegmentedArray,
};
pub use set_associative_cache::{CacheOptions, SetAssociativeCache, Upserted, Ways};

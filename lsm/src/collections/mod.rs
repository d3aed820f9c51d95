//! Data structures that are independent of trees.
//!
//! - [`SetAssociativeCache`]: a bounded cache; an insert may evict another entry.
//! - [`CacheMap`]: a map on top of such a cache. It keeps every entry written since its last
//!   compaction and can undo writes.
//! - [`NodePool`]: a fixed number of equally large pieces of memory that several structures share.
//! - [`SegmentedArray`]: an array in nodes of a pool, so that an insert moves few elements.
//! - [`SortedSegmentedArray`]: a segmented array whose elements are sorted by key.
//!
//! All of them are deterministic and allocate only in their constructors. The caller chooses the
//! hasher. Any hasher is correct, even one that maps all keys to the same hash: its quality affects
//! only the speed.

pub mod cache_map;
mod cached;
mod direction;
mod invalid_options;
pub mod node_pool;
pub mod segmented_array;
pub mod set_associative_cache;
mod slot_list;
mod word_hasher;

pub use cache_map::{
    CacheMap, CacheMapLookup, CacheMapOptions, ScopeOutcome, StashEntry, Statistics,
};
pub use cached::Cached;
pub use direction::Direction;
pub use invalid_options::InvalidOptions;
pub use node_pool::{Element, Node, NodePool, NodePoolOptions};
pub use segmented_array::{
    Cursor, SegmentedArray, SegmentedArrayOptions, Sorted, SortedSegmentedArray,
};
pub use set_associative_cache::{CacheOptions, SetAssociativeCache, Upserted, Ways};
pub(crate) use slot_list::{SlotLinks, SlotList};
pub(crate) use word_hasher::{AddressHash, KeyHash};

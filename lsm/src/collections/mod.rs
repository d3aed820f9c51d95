//! Data structures that know nothing about trees.
//!
//! - [`SetAssociativeCache`]: a bounded cache; an insert may evict another entry.
//! - [`CacheMap`]: a map on top of such a cache that surely holds what was written since its last
//!   compaction, and can take writes back.
//!
//! All of them are deterministic, allocate in their constructors only, and take their hasher from
//! the caller. Any hasher is correct, the one that maps all keys to one hash included: quality
//! decides speed alone.

pub mod cache_map;
mod cached;
mod invalid_options;
pub mod set_associative_cache;

pub use cache_map::{CacheMap, CacheMapOptions, Lookup, ScopeOutcome, StashEntry, Statistics};
pub use cached::Cached;
pub use invalid_options::InvalidOptions;
pub use set_associative_cache::{CacheOptions, SetAssociativeCache, Upserted, Ways};

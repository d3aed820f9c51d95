//! The sizes of a cache map.
//!
//! - [`InvalidOptions`] gives the reason for each limit.
//! - Each write adds at most one entry to the stash, whether the write is persisted or discarded.
//!   So after n writes since a compaction the stash has at most n entries, and `stash_capacity` is
//!   the number of writes that the caller may make between two compactions.
//! - The two capacities are independent. A scope that updates one key many times needs a long undo
//!   log and a small stash.

use crate::collections::{CacheOptions, InvalidOptions};

/// The sizes of a cache map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheMapOptions {
    /// The cache. `None`: all entries are in the stash, and each compaction drops them.
    pub cache: Option<CacheOptions>,
    /// The capacity of the stash in entries, tombstones included: the maximum number of writes
    /// (upserts and removes) between two compactions.
    pub stash_capacity: u32,
    /// The maximum number of writes in a scope. With 0 a scope can be opened, but no write is
    /// possible in it.
    pub scope_capacity: u32,
}

impl CacheMapOptions {
    /// The maximum of `stash_capacity`. The index of the stash has twice as many slots, rounded up
    /// to a power of two, and its positions have 32 bits.
    pub const STASH_CAPACITY_MAX: u32 = 1 << 29;

    /// The maximum of `scope_capacity`: as many writes as the largest stash has entries.
    pub const SCOPE_CAPACITY_MAX: u32 = Self::STASH_CAPACITY_MAX;

    /// Checks the sizes against their limits.
    ///
    /// # Errors
    ///
    /// Returns an error if a size is outside of its limits or the options of the cache are invalid.
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        if let Some(cache) = &self.cache {
            cache.validate()?;
        }
        if self.stash_capacity == 0 {
            return Err(InvalidOptions::StashCapacityZero);
        }
        if self.stash_capacity > Self::STASH_CAPACITY_MAX {
            return Err(InvalidOptions::StashCapacityOverLimit {
                capacity: self.stash_capacity,
                capacity_max: Self::STASH_CAPACITY_MAX,
            });
        }
        if self.scope_capacity > Self::SCOPE_CAPACITY_MAX {
            return Err(InvalidOptions::ScopeCapacityOverLimit {
                capacity: self.scope_capacity,
                capacity_max: Self::SCOPE_CAPACITY_MAX,
            });
        }
        Ok(())
    }
}

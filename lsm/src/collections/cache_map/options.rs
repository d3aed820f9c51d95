//! What a cache map is built from.
//!
//! - Each limit has a reason; [`InvalidOptions`] gives it.
//! - The stash needs room for one entry a write: n writes after a compaction, it holds at most n
//!   entries, whatever was discarded in between. So `stash_capacity` is the number of writes that
//!   the caller makes between two compactions.
//!
//! What this does not do: it does not relate the two capacities. A scope that updates one key many
//! times needs a long log and a small stash.

use crate::collections::{CacheOptions, InvalidOptions};

/// The sizes of a cache map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheMapOptions {
    /// The cache on top. `None`: all entries live in the stash, and go with each compaction.
    pub cache: Option<CacheOptions>,
    /// The most entries in the stash, tombstones included: the most writes (upserts and removes)
    /// between two compactions.
    pub stash_capacity: u32,
    /// The most writes in a scope. 0: scopes may be opened, but nothing written in them.
    pub scope_capacity: u32,
}

impl CacheMapOptions {
    /// The most that `stash_capacity` may be: twice as much, rounded up to a power of two, still
    /// counts in 32 bits.
    pub const STASH_CAPACITY_MAX: u32 = 1 << 29;

    /// The most that `scope_capacity` may be: as many writes as the largest stash takes.
    pub const SCOPE_CAPACITY_MAX: u32 = Self::STASH_CAPACITY_MAX;

    /// Whether a cache map can be built from this.
    ///
    /// # Errors
    ///
    /// If a size is outside of its limits, or the cache's options are invalid.
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

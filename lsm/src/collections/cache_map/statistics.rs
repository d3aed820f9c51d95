//! Counters of the structural events in a cache map.
//!
//! - `inserts + updates` is the number of upserts by the caller. An undo is not counted there.
//! - `removes_from_cache + removes_from_stash` is the number of removes plus `undo_tombstones`: an
//!   undo that restores a tombstone removes a live entry, as a remove does.
//! - All other events are counted whether a call or an undo causes them.
//! - `hits_cache + hits_stash + hits_tombstone + misses` is the number of lookups.
//! - No decision depends on a counter.

/// Counters since construction or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Lookups that found the entry in the cache.
    pub hits_cache: u64,
    /// Lookups that found the entry in the stash.
    pub hits_stash: u64,
    /// Lookups that found a tombstone.
    pub hits_tombstone: u64,
    /// Lookups of a key that the map does not know.
    pub misses: u64,
    /// Upserts of a key without a live entry.
    pub inserts: u64,
    /// Upserts of a key with a live entry, in the cache or in the stash.
    pub updates: u64,
    /// Entries that moved from the cache to the stash.
    pub evictions: u64,
    /// Live entries in the stash that an upsert replaced by one in the cache.
    pub promotions: u64,
    /// Tombstones that an upsert replaced by a live entry, which is in the cache if the map has
    /// one.
    pub tombstone_promotions: u64,
    /// Live entries of the cache that were replaced by a tombstone.
    pub removes_from_cache: u64,
    /// Live entries of the stash that became a tombstone.
    pub removes_from_stash: u64,
    /// Compactions.
    pub compactions: u64,
    /// Entries that compactions dropped from the stash, tombstones included.
    pub stash_dropped: u64,
    /// Scopes closed with their writes kept.
    pub scopes_persisted: u64,
    /// Scopes closed with their writes undone.
    pub scopes_discarded: u64,
    /// Undone writes whose key had a value before.
    pub undo_restores: u64,
    /// Undone writes whose key had a tombstone before.
    pub undo_tombstones: u64,
    /// Undone writes whose key was unknown before and whose entry was in the cache.
    pub undo_removes_from_cache: u64,
    /// Undone writes whose key was unknown before and whose entry had moved to the stash.
    pub undo_removes_from_stash: u64,
}

//! Moves entries between the cache and the stash of a cache map.
//!
//! - Each function leaves a live key in exactly one of the two and adds at most one entry to the
//!   stash.
//! - The written key leaves the stash before an evicted entry enters it, so that the stash never
//!   has more entries during a call than before or after it.
//! - Nothing is logged here. The public operations log the returned values; an undo logs nothing.
//! - The counters of moved, removed and undone entries are increased here, all other counters in
//!   `mod.rs`.

use std::hash::BuildHasher;

use super::CacheMap;
use super::scope::Undo;
use super::stash::Entry;
use crate::collections::Cached;
use crate::collections::set_associative_cache::Upserted;

impl<V: Cached, S: BuildHasher> CacheMap<V, S> {
    /// Makes this value the live entry of its key. Returns the replaced entry, if there is one.
    #[inline]
    pub(super) fn put(&mut self, value: &V) -> Option<Entry<V>> {
        let key = value.key();
        let hash = self.hasher.hash_one(key);
        let Some(cache) = &mut self.cache else {
            let previous = self.stash.put(hash, Entry::Live(*value));
            if let Some(Entry::Removed(_)) = previous {
                self.statistics.tombstone_promotions += 1;
            }
            return previous;
        };

        let evicted = match cache.upsert(hash, value) {
            Upserted::Updated { previous } => return Some(Entry::Live(previous)),
            Upserted::Inserted { evicted } => evicted,
        };
        let previous = self.stash.remove(hash, key);
        match previous {
            Some(Entry::Live(_)) => self.statistics.promotions += 1,
            Some(Entry::Removed(_)) => self.statistics.tombstone_promotions += 1,
            None => {}
        }
        if let Some(evicted) = evicted {
            self.evict(evicted);
        }
        previous
    }

    /// Removes the live entry of this key, leaves a tombstone and returns the value.
    #[inline]
    pub(super) fn bury(&mut self, key: V::Key) -> V {
        let hash = self.hasher.hash_one(key);
        if let Some(cache) = &mut self.cache
            && let Some(value) = cache.remove(hash, key)
        {
            self.statistics.removes_from_cache += 1;
            let replaced = self.stash.put(hash, Entry::Removed(key));
            assert!(
                replaced.is_none(),
                "cache_map: the key of an entry of the cache must not be in the stash",
            );
            return value;
        }
        let Some(value) = self.stash.bury(hash, key) else { panic_no_live_entry(&key) };
        self.statistics.removes_from_stash += 1;
        value
    }

    /// Undoes one write.
    pub(super) fn undo(&mut self, undo: Undo<V>) {
        match undo {
            Undo::Restore(value) => {
                self.statistics.undo_restores += 1;
                self.put(&value);
            }
            Undo::RestoreTombstone(key) => {
                self.statistics.undo_tombstones += 1;
                self.bury(key);
            }
            Undo::RemoveInserted(key) => self.forget(key),
        }
    }

    /// Removes the live entry of this key. Leaves no tombstone: the key was unknown before the
    /// undone write, and a tombstone would say that the key has no record anywhere.
    fn forget(&mut self, key: V::Key) {
        let hash = self.hasher.hash_one(key);
        if let Some(cache) = &mut self.cache
            && cache.remove(hash, key).is_some()
        {
            self.statistics.undo_removes_from_cache += 1;
            return;
        }
        let removed = self.stash.remove(hash, key);
        assert!(
            matches!(removed, Some(Entry::Live(_))),
            "cache_map: an insert that is undone must be in the cache or in the stash",
        );
        self.statistics.undo_removes_from_stash += 1;
    }

    #[inline]
    fn evict(&mut self, value: V) {
        self.statistics.evictions += 1;
        let hash = self.hasher.hash_one(value.key());
        let replaced = self.stash.put(hash, Entry::Live(value));
        assert!(
            replaced.is_none(),
            "cache_map: the key of an evicted entry must not be in the stash",
        );
    }
}

#[cold]
#[inline(never)]
fn panic_no_live_entry(key: &dyn std::fmt::Debug) -> ! {
    panic!("cache_map: a remove needs a live entry, and there is none (key {key:#x?})");
}

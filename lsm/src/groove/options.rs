//! The sizes of a groove.

use crate::collections::{CacheMapOptions, CacheOptions, Ways};
use crate::forest::InvalidStore;
use crate::tree::TreeOptions;

/// The sizes of a groove.
///
/// `objects_cache`, `prefetch_max` and `read_ahead` may change from one opening to the next. The
/// other options affect the bytes on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrooveOptions {
    /// The number of the groove's first tree, from 1. The other trees have the numbers after it.
    /// All trees of a forest must have different numbers.
    pub tree_id: u16,
    /// The maximum number of objects that are inserted, updated or removed between two beats, from
    /// 1 to 2^19.
    pub batch_objects_max: u32,
    /// The maximum number of keys that are prefetched between two beats, 1 or more.
    pub prefetch_max: u32,
    /// The size of the object cache.
    pub objects_cache: CacheOptions,
    /// The beats of a bar: an even number from 4 to 1024, the same in all grooves of a forest.
    pub beats_per_bar: u32,
    /// The factor by which a level may have more tables than the level above it, from 2 to 16.
    pub growth_factor: u32,
    /// The number of levels of each tree, from 2 to 8.
    pub level_count: u32,
    /// The number of value blocks that a compaction reads ahead from each of its two inputs, from 1
    /// to 1024.
    pub read_ahead: u32,
}

impl GrooveOptions {
    /// A groove for production: batches of 1,024 objects, and a cache of 65,536 objects.
    #[must_use]
    pub fn production(tree_id: u16) -> Self {
        let TreeOptions { beats_per_bar, growth_factor, level_count, read_ahead, .. } =
            TreeOptions::production(tree_id, "");
        Self {
            tree_id,
            batch_objects_max: 1024,
            prefetch_max: 4096,
            objects_cache: CacheOptions { ways: Ways::Sixteen, sets: 4096 },
            beats_per_bar,
            growth_factor,
            level_count,
            read_ahead,
        }
    }

    /// A groove for tests and fuzzing, in which compactions and moves of tables happen within tens
    /// of operations.
    #[must_use]
    pub fn tiny(tree_id: u16) -> Self {
        let TreeOptions { beats_per_bar, growth_factor, level_count, read_ahead, .. } =
            TreeOptions::tiny(tree_id, "");
        Self {
            tree_id,
            batch_objects_max: 2,
            prefetch_max: 4,
            objects_cache: CacheOptions { ways: Ways::Two, sets: 2 },
            beats_per_bar,
            growth_factor,
            level_count,
            read_ahead,
        }
    }

    /// Checks the options that neither a tree nor the cache checks.
    pub(super) fn validate(&self) -> Result<(), InvalidStore> {
        for (option, number) in
            [("batch_objects_max", self.batch_objects_max), ("prefetch_max", self.prefetch_max)]
        {
            if number == 0 {
                return Err(InvalidStore::Zero { option });
            }
        }
        Ok(())
    }

    /// The options of the object tree. Each write of an object is one write to this tree.
    pub(super) fn objects(&self, name: &'static str) -> TreeOptions {
        TreeOptions {
            id: self.tree_id,
            name,
            beat_value_count_max: self.batch_objects_max,
            beats_per_bar: self.beats_per_bar,
            growth_factor: self.growth_factor,
            level_count: self.level_count,
            read_ahead: self.read_ahead,
        }
    }

    /// The options of the tree of a field. `nth` counts the fields with a tree, from 0. An update
    /// removes an entry and puts another one.
    pub(super) fn index(&self, nth: usize, name: &'static str) -> TreeOptions {
        TreeOptions {
            id: self.tree_id.saturating_add(1 + nth as u16),
            beat_value_count_max: self.batch_objects_max.saturating_mul(2),
            ..self.objects(name)
        }
    }

    /// The maximum number of bytes that objects of this size take in memory: in the cache, in its
    /// stash and in its undo log, each with 64 bytes more, and 128 bytes for each prefetched key.
    pub(super) fn objects_size(&self, object: usize) -> u64 {
        let CacheMapOptions { cache, stash_capacity, scope_capacity } = self.cache();
        let objects = cache.map_or(0, |cache| cache.slot_count() as u64)
            + u64::from(stash_capacity)
            + u64::from(scope_capacity);
        objects * (object as u64 + 64) + 128 * u64::from(self.prefetch_max)
    }

    /// The options of the object cache. Each object that is written or prefetched is one write to
    /// the cache.
    pub(super) fn cache(&self) -> CacheMapOptions {
        let of_beat = self.batch_objects_max.saturating_add(self.prefetch_max);
        CacheMapOptions {
            cache: Some(self.objects_cache),
            stash_capacity: of_beat.saturating_mul(self.beats_per_bar),
            scope_capacity: self.batch_objects_max,
        }
    }
}

//! The collections of the core: the cache map, segmented arrays.
//!
//! Each target is a module behind a feature of the same name, so a build compiles only the targets
//! that it needs.

#[cfg(feature = "cache_map")]
pub mod cache_map;
#[cfg(feature = "segmented_array")]
pub mod segmented_array;

downbeat::targets! {
    "cache_map" CACHE_MAP cache_map::CacheMap;
    "segmented_array" SEGMENTED_ARRAY segmented_array::SegmentedArray;
}

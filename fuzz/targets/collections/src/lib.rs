//! The collections of the core: the cache map, segmented arrays.

pub mod cache_map;
pub mod segmented_array;

downbeat::targets! {
    "cache_map" CACHE_MAP cache_map::CacheMap;
    "segmented_array" SEGMENTED_ARRAY segmented_array::SegmentedArray;
}

//! The collections of the core: the cache map, segmented arrays.
//!
//! A target is a module and a feature of its name: a build compiles the targets that it needs.

#[cfg(feature = "cache_map")]
pub mod cache_map;
#[cfg(feature = "segmented_array")]
pub mod segmented_array;

/// The target `cache_map`.
#[cfg(feature = "cache_map")]
pub static CACHE_MAP: &dyn downbeat::AnyTarget = &downbeat::Entry::<cache_map::CacheMap>::ROW;

/// The target `segmented_array`.
#[cfg(feature = "segmented_array")]
pub static SEGMENTED_ARRAY: &dyn downbeat::AnyTarget =
    &downbeat::Entry::<segmented_array::SegmentedArray>::ROW;

//! Operations, their encodings, and the models that Downbeat compares an LSM core with.
//!
//! This package does not depend on the core, so a model cannot share a mistake with the system that
//! it judges.
//!
//! | module | contents |
//! |---|---|
//! | [`encoding`] | operations and settings from bytes and text, and back |
//! | [`keys`] | which key a symbolic key means at a given point of a history |
//! | [`dice`] | how the seeded generator draws operations |
//! | [`device`] | what an input chooses of the simulated device |
//! | [`wide`] | keys of 16 and 32 bytes |
//! | [`version`] | versions of a key, and what is left of several |
//! | [`mutation`] | models broken on purpose, which targets must notice |
//! | [`store`] | the model of a store of blocks, for every target that has one |
//!
//! The other modules have the settings, the operations and the model of one target each:
//!
//! | module | system |
//! |---|---|
//! | [`cache_map`] | the cache map |
//! | [`free_set`] | the free set |
//! | [`grid`] | a store of blocks |
//! | [`manifest_level`] | two levels of the manifest |
//! | [`manifest_log`] | the manifest log, over a store of blocks |
//! | [`merge`] | merges of sorted streams |
//! | [`segmented_array`] | the segmented array, plain and sorted |
//! | [`superblock`] | the superblock, on a device with crashes and faults |
//! | [`table`] | tables on disk: built, read by key, forged |
//! | [`table_memory`] | the mutable and the immutable table of a tree |
//! | [`tree`] | a tree in a store |

//! Each of these modules is behind a feature with the name of its target, so that a build of one
//! target compiles no other.

#![forbid(unsafe_code)]

#[cfg(feature = "cache_map")]
pub mod cache_map;
pub mod device;
pub mod dice;
pub mod encoding;
#[cfg(feature = "free_set")]
pub mod free_set;
#[cfg(feature = "grid")]
pub mod grid;
pub mod keys;
#[cfg(feature = "manifest_level")]
pub mod manifest_level;
#[cfg(feature = "manifest_log")]
pub mod manifest_log;
#[cfg(feature = "merge")]
pub mod merge;
pub mod mutation;
#[cfg(feature = "segmented_array")]
pub mod segmented_array;
pub mod store;
#[cfg(feature = "superblock")]
pub mod superblock;
#[cfg(feature = "table")]
pub mod table;
#[cfg(feature = "table_memory")]
pub mod table_memory;
#[cfg(any(feature = "tree", feature = "tree_twin"))]
pub mod tree;
pub mod version;
pub mod wide;

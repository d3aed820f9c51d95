//! The operations and the model of each target.
//!
//! This package does not depend on the core, so a model cannot share a mistake with the system that
//! it judges. The encoding of operations is in `downbeat_input`.
//!
//! | module | system |
//! |---|---|
//! | [`cache_map`] | the cache map |
//! | [`durable_store`] | a tree in a store, and the log of its batches |
//! | [`forest`] | plain trees and grooves in a store |
//! | [`free_set`] | the free set |
//! | [`grid`] | a store of blocks |
//! | [`groove`] | two grooves in a store |
//! | [`image`] | a store on a device whose bytes are changed |
//! | [`manifest_level`] | two levels of the manifest |
//! | [`manifest_log`] | the manifest log, over a store of blocks |
//! | [`merge`] | merges of sorted streams |
//! | [`options`] | the options of every part |
//! | [`scan`] | queries of a groove with four indexes |
//! | [`segmented_array`] | the segmented array, plain and sorted |
//! | [`state_machine`] | a service: a state machine and the log of its requests |
//! | [`superblock`] | the superblock, on a device that crashes and breaks its promises |
//! | [`table`] | tables on disk: built, read by key, forged |
//! | [`table_memory`] | the mutable and the immutable table of a tree |
//! | [`tree`] | a tree in a store |
//! | [`tree_large`] | a tree in a store, with sizes of real use |
//!
//! Each of these modules has a feature with the name of its target, so that a build of one target
//! compiles only the modules that it needs. Targets share [`mod@format`] (reads the bytes of a
//! store), [`store`] (the model of a store of blocks), [`triggers`] (when checkpoints are due),
//! [`running`] (arguments of operations), [`fold`] (which versions of a key are left) and
//! [`mutation`] (which breaks models on purpose).

#![forbid(unsafe_code)]

#[cfg(feature = "cache_map")]
pub mod cache_map;
#[cfg(feature = "durable_store")]
pub mod durable_store;
pub mod fold;
#[cfg(feature = "forest")]
pub mod forest;
#[cfg(feature = "format")]
pub mod format;
#[cfg(any(feature = "free_set", feature = "image"))]
pub mod free_set;
#[cfg(feature = "grid")]
pub mod grid;
#[cfg(feature = "groove")]
pub mod groove;
#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "manifest_level")]
pub mod manifest_level;
#[cfg(feature = "manifest_log")]
pub mod manifest_log;
#[cfg(feature = "merge")]
pub mod merge;
pub mod mutation;
#[cfg(feature = "options")]
pub mod options;
#[cfg(any(
    feature = "tree",
    feature = "tree_twin",
    feature = "tree_large",
    feature = "groove",
    feature = "state_machine",
    feature = "durable_store"
))]
pub mod running;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg(feature = "segmented_array")]
pub mod segmented_array;
#[cfg(feature = "state_machine")]
pub mod state_machine;
pub mod store;
#[cfg(feature = "superblock")]
pub mod superblock;
#[cfg(feature = "table")]
pub mod table;
#[cfg(feature = "table_memory")]
pub mod table_memory;
#[cfg(any(feature = "tree", feature = "tree_twin", feature = "tree_large"))]
pub mod tree;
#[cfg(feature = "tree_large")]
pub mod tree_large;
#[cfg(any(
    feature = "tree",
    feature = "tree_twin",
    feature = "tree_large",
    feature = "groove",
    feature = "state_machine",
    feature = "durable_store"
))]
pub mod triggers;

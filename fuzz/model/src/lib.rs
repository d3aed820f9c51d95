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
//! Each of these modules belongs to a feature, so that a build of one target compiles only the
//! modules of the targets that are compiled together with it. Targets share [`mod@format`] (reads
//! the bytes of a store), [`store`] (the model of a store of blocks), [`triggers`] (when
//! checkpoints are due), [`running`] (arguments of operations), [`fold`] (which versions of a key
//! are left) and [`mutation`] (which breaks models on purpose).

#![forbid(unsafe_code)]

#[cfg(feature = "collections")]
pub mod cache_map;
#[cfg(feature = "services")]
pub mod durable_store;
pub mod fold;
#[cfg(feature = "grooves")]
pub mod forest;
#[cfg(feature = "format")]
pub mod format;
#[cfg(any(feature = "storage", feature = "store"))]
pub mod free_set;
#[cfg(feature = "storage")]
pub mod grid;
#[cfg(feature = "grooves")]
pub mod groove;
#[cfg(feature = "store")]
pub mod image;
#[cfg(feature = "manifest")]
pub mod manifest_level;
#[cfg(feature = "manifest")]
pub mod manifest_log;
#[cfg(feature = "table")]
pub mod merge;
pub mod mutation;
#[cfg(feature = "format")]
pub mod options;
#[cfg(any(feature = "tree", feature = "grooves", feature = "services"))]
pub mod running;
#[cfg(feature = "grooves")]
pub mod scan;
#[cfg(feature = "collections")]
pub mod segmented_array;
#[cfg(feature = "services")]
pub mod state_machine;
pub mod store;
#[cfg(feature = "storage")]
pub mod superblock;
#[cfg(feature = "table")]
pub mod table;
#[cfg(feature = "table")]
pub mod table_memory;
#[cfg(feature = "tree")]
pub mod tree;
#[cfg(feature = "tree_large")]
pub mod tree_large;
#[cfg(any(feature = "tree", feature = "grooves", feature = "services"))]
pub mod triggers;

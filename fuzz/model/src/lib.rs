//! Operations, their encodings, and the models that Downbeat compares an LSM core with.
//!
//! This package does not depend on the core, so a model cannot share a mistake with the system that
//! it judges.
//!
//! | module | what is there |
//! |---|---|
//! | [`encoding`] | bytes and text to operations and back: total, dense, self-synchronising |
//! | [`keys`] | which key a symbolic key means at one point of a history |
//! | [`dice`] | how the seeded generator draws operations |
//! | [`wide`] | keys of 16 and 32 bytes |
//! | [`version`] | versions of a key, and what is left of several |
//! | [`mutation`] | models broken on purpose, to see that targets object |
//! | [`cache_map`] | operations, settings and model of the cache map |
//! | [`free_set`] | those of the free set |
//! | [`grid`] | operations and settings of a store of blocks |
//! | [`manifest_level`] | those of a level of the manifest |
//! | [`manifest_log`] | those of the manifest log, over a store of blocks |
//! | [`merge`] | those of merges of sorted streams |
//! | [`segmented_array`] | those of the segmented array, plain and sorted |
//! | [`store`] | model of a store of blocks, of every target that has one |
//! | [`superblock`] | those of the superblock, on a device that crashes and lies |
//! | [`table`] | those of tables on disk: built, read by key, forged |
//! | [`table_memory`] | those of the two tables in memory of a tree |
//! | [`tree`] | those of a tree in a store |

#![forbid(unsafe_code)]

pub mod cache_map;
pub mod device;
pub mod dice;
pub mod encoding;
pub mod free_set;
pub mod grid;
pub mod keys;
pub mod manifest_level;
pub mod manifest_log;
pub mod merge;
pub mod mutation;
pub mod segmented_array;
pub mod store;
pub mod superblock;
pub mod table;
pub mod table_memory;
pub mod tree;
pub mod version;
pub mod wide;

//! The tables of a tree, by level and by key, and the snapshots that see them.
//!
//! - [`TableInfo`]: the description of a table.
//! - [`ManifestLevel`]: the tables of one level, including those that only older snapshots see.
//! - [`Manifest`]: the levels of a tree, and the choice of the tables that a compaction reads.
//!
//! A snapshot is the number of a beat. A table is visible to the snapshots from its `snapshot_min`
//! to its `snapshot_max`, both included. Until the table is replaced, its `snapshot_max` is
//! [`SNAPSHOT_OPEN`]. [`SNAPSHOT_LATEST`] is above all beats: it sees exactly the tables that are
//! not replaced.
//!
//! The manifest is in memory only; the [manifest log](crate::manifest_log) makes it durable.

mod key_range;
pub mod level;
mod levels;
mod table_info;
mod visibility;

pub use key_range::KeyRange;
pub use level::{
    Found, KeyMax, LeastOverlap, LevelStatistics, ManifestLevel, ManifestLevelOptions, OVERLAP_MAX,
    Overlap, TableReference, TableReferences, Tables,
};
pub use levels::{
    CompactionInputs, FlushInputs, GROWTH_FACTORS, Journal, LEVELS, Manifest, table_count_max,
    table_count_max_of_tree,
};
pub use table_info::{TableInfo, TableKey};
pub use visibility::{SNAPSHOT_LATEST, SNAPSHOT_OPEN, Visibility};

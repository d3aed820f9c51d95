//! Which tables there are, by level and by key, and which of them a snapshot sees.
//!
//! - [`TableInfo`]: what is known of a table without reading it.
//! - [`ManifestLevel`]: the tables of one level, those that only older snapshots see included.
//! - [`Manifest`]: the levels of a tree, and what a compaction of them reads.
//!
//! A snapshot is the number of a commit. A table is visible to the snapshots from its
//! `snapshot_min` to its `snapshot_max`; until it is replaced, the latter is [`SNAPSHOT_OPEN`].
//! [`SNAPSHOT_LATEST`] is above all commits: it sees the tables that are not replaced.
//!
//! What this does not do: it keeps nothing on disk, and it does not know what is in a table.

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

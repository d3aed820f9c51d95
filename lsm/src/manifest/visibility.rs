//! Snapshots, and the selection of tables by snapshot.
//!
//! - Every beat is below [`SNAPSHOT_LATEST`], which is below [`SNAPSHOT_OPEN`].

/// The snapshot that sees exactly the tables that are not replaced.
pub const SNAPSHOT_LATEST: u64 = u64::MAX - 1;

/// The `snapshot_max` of a table that is not replaced.
pub const SNAPSHOT_OPEN: u64 = u64::MAX;

/// Selects tables of a level by the snapshots that see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility<'a> {
    /// All tables.
    Any,
    /// The tables that this snapshot sees.
    Visible(u64),
    /// The tables that neither the latest snapshot nor any of these snapshots sees.
    Invisible(&'a [u64]),
}

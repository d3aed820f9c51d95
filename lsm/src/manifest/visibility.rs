//! Snapshots, and which tables a question is about.
//!
//! - Every commit is below [`SNAPSHOT_LATEST`], which is below [`SNAPSHOT_OPEN`].
//!
//! What this does not do: it does not know which snapshots are in use.

/// The snapshot that sees the tables that are not replaced, and only them.
pub const SNAPSHOT_LATEST: u64 = u64::MAX - 1;

/// The last snapshot of a table that is not replaced.
pub const SNAPSHOT_OPEN: u64 = u64::MAX;

/// Which tables of a level are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility<'a> {
    /// All of them.
    Any,
    /// Those that are visible to this snapshot.
    Visible(u64),
    /// Those that are visible neither to the latest snapshot nor to any of these.
    Invisible(&'a [u64]),
}

//! Entries of a log: what they say of a table.

use super::Table;

/// What happened to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The table is new.
    Insert,
    /// The table moved to another level, or was replaced.
    Update,
    /// The table was removed.
    Remove,
}

/// What the log says of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened to it.
    pub event: Event,
    /// The table.
    pub table: Table,
}

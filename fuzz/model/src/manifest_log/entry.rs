//! Entries of a log: what they say of a table.

use super::Table;

/// What became of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Insert,
    /// It is another level's, or was replaced.
    Update,
    /// It is gone.
    Remove,
}

/// What the log says of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What became of it.
    pub event: Event,
    /// What it is.
    pub table: Table,
}

//! Entries of a log: a table, and what happened to it.

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

/// An entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened to the table.
    pub event: Event,
    /// The table.
    pub table: Table,
}

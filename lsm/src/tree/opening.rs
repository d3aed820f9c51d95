//! Opens a tree: adds its tables from the entries of the manifest log.
//!
//! ```text
//! Closed --open_begin--> Tables --open_table, once per table--> Tables --open_complete--> Open
//!   ^                                                                                      |
//!   '---------------------------------- reset ---------------------------------------------'
//! ```
//!
//! - An entry with a valid checksum may still be invalid. In this case the error is a
//!   [`Reason::Meaning`].
//! - Tables themselves are not read.

use super::Tree;
use crate::block::Reason;
use crate::collections::NodePool;
use crate::manifest_log::LogEntry;
use crate::record::Record;

/// Whether a tree is closed, being opened, or open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Closed,
    Tables,
    Open,
}

impl<R: Record> Tree<R> {
    /// Begins to open the tree. The caller then adds its tables, in any order.
    ///
    /// # Panics
    ///
    /// If the tree is neither new nor [reset](Tree::reset).
    pub fn open_begin(&mut self) {
        assert!(
            self.opening == Opening::Closed,
            "tree: reset \"{}\" before it is opened again",
            self.options.name,
        );
        self.opening = Opening::Tables;
    }

    /// Adds a table from its entry in the log.
    ///
    /// # Errors
    ///
    /// Returns the reason why the table is invalid, if it is.
    ///
    /// # Panics
    ///
    /// If the pool is not the one that has the nodes of the tree, if the entry is of another tree,
    /// or if the tree is not being opened.
    pub fn open_table(&mut self, pool: &mut NodePool, entry: &LogEntry) -> Result<(), Reason> {
        assert!(
            self.opening == Opening::Tables,
            "tree: a table must come while the tree is opened"
        );
        assert!(entry.tree() == self.options.id, "tree: a table must be of the tree ({entry:?})");
        let table = entry.table::<R::Key>()?;
        if table.value_count > self.layout.value_count_max_on_disk() {
            return Err(Reason::Meaning("a table has more records than it can have"));
        }
        self.worker.note_opened_table();
        self.manifest.reload(pool, u32::from(entry.level()), &table)
    }

    /// Ends the opening, after all tables were added.
    ///
    /// # Panics
    ///
    /// If the tree is not being opened, or a level breaks an invariant.
    pub fn open_complete(&mut self) {
        assert!(self.opening == Opening::Tables, "tree: an opening must begin before it ends");
        self.opening = Opening::Open;
        self.assert_between_bars();
        self.key_range = self.manifest.key_range();
        self.version += 1;
        self.levels_version += 1;
    }
}

//! How a tree comes back: its tables as the manifest log reports them.
//!
//! ```text
//! Closed ---open_begin---> Tables ---open_table, once each---> Tables ---open_complete---> Open ---reset---> Closed
//! ```
//!
//! - What the log says may be wrong, though its bytes are right: that is a [`Reason::Meaning`].
//!
//! What this does not do: it reads no table.

use super::Tree;
use crate::block::Reason;
use crate::collections::NodePool;
use crate::manifest_log::LogEntry;
use crate::record::Record;

/// How far an opening is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Closed,
    Tables,
    Open,
}

impl<R: Record> Tree<R> {
    /// The tree is to be told of its tables, in any order.
    ///
    /// # Panics
    ///
    /// If it is neither new nor was [reset](Tree::reset).
    pub fn open_begin(&mut self) {
        assert!(
            self.opening == Opening::Closed,
            "tree: reset \"{}\" before it is opened again",
            self.options.name,
        );
        self.opening = Opening::Tables;
    }

    /// A table of this tree, as the log reports it.
    ///
    /// # Errors
    ///
    /// If there cannot be such a table.
    ///
    /// # Panics
    ///
    /// If the pool is not that of the tree, the entry is of another tree, or no opening was begun.
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
        self.manifest.reload(pool, u32::from(entry.level()), &table)
    }

    /// All tables are there: what they must be together is required, and the range of keys is known.
    ///
    /// # Panics
    ///
    /// If no opening was begun, or a level is not as it must be.
    pub fn open_complete(&mut self) {
        assert!(self.opening == Opening::Tables, "tree: an opening that ends must have begun");
        self.opening = Opening::Open;
        self.assert_between_bars();
        self.key_range = self.manifest.key_range();
        self.version += 1;
    }
}

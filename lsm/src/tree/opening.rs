//! How a tree comes back: its tables as the manifest log reports them.
//!
//! - What the log says may be wrong, though its bytes are right: that is a [`Reason::Meaning`].
//!
//! What this does not do: it reads no table.

use super::Tree;
use crate::block::Reason;
use crate::collections::NodePool;
use crate::manifest_log::LogEntry;
use crate::record::Record;

impl<R: Record> Tree<R> {
    /// A table of this tree, as the log reports it.
    ///
    /// # Errors
    ///
    /// If there cannot be such a table.
    ///
    /// # Panics
    ///
    /// If the pool is not that of the tree, or the entry is of another tree.
    pub fn open_table(&mut self, pool: &mut NodePool, entry: &LogEntry) -> Result<(), Reason> {
        assert!(entry.tree() == self.options.id, "tree: a table must be of the tree ({entry:?})");
        let table = entry.table::<R::Key>()?;
        if table.value_count > self.layout.value_count_max_on_disk() {
            return Err(Reason::Meaning("a table has more records than it can have"));
        }
        self.manifest.reload(pool, u32::from(entry.level()), &table)
    }

    /// All tables are there.
    pub fn open_complete(&mut self) {
        self.key_range = self.manifest.key_range();
        self.version += 1;
    }
}

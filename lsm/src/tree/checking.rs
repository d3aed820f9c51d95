//! Checks the blocks of tables that lookups and scans have read from the device.
//!
//! - An index must match its table in the manifest, and its keys must ascend. Otherwise a key could
//!   be found by a scan and not by a lookup, or the keys of a scan could be out of order.
//! - The keys of a value block must ascend. Whenever a value block is used, its first and its last
//!   key are also compared with the index.
//! - Both checks take time proportional to the size of the block. So a block is checked when it
//!   comes from the device, not each time it is used. The checksum, which covers the same bytes, is
//!   computed at the same time. Opening reads no tables, so it does not check them.
//! - Compactions have their own checks for the blocks that they read, and also compare these blocks
//!   with each other.

use super::Tree;
use crate::block::Corruption;
use crate::grid::{BlockHandle, Grid};
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{TableVerification, ValueBlock};

impl<R: Record> Tree<R> {
    /// Checks the index block of the table of this level whose key range contains `key`.
    #[cold]
    pub(crate) fn check_index<S: Storage>(
        &self,
        level: u32,
        key: R::Key,
        block: &BlockHandle,
        grid: &mut Grid<S>,
    ) -> Result<(), Corruption> {
        let Some(table) = self.manifest.table_for(level, key) else {
            unreachable!("tree: a block that was read is the index of a table");
        };
        let verification = TableVerification::new(&self.layout, self.options.id, table);
        verification.index_block(block.contents(), block.body())?;
        grid.mark_checked(block.reference());
        Ok(())
    }

    /// Checks a value block.
    #[cold]
    pub(crate) fn check_values<S: Storage>(
        &self,
        block: &BlockHandle,
        grid: &mut Grid<S>,
    ) -> Result<(), Corruption> {
        ValueBlock::<R>::decode(&self.layout, self.options.id, block.contents(), block.body())
            .and_then(|values| values.check())
            .map_err(|reason| Corruption::of_block(block.reference(), reason))?;
        grid.mark_checked(block.reference());
        Ok(())
    }
}

//! Reads and checks the tables of a tree on the device.

use super::Tree;
use crate::collections::Direction;
use crate::grid::{BlockHandle, Grid, GridError, Verification};
use crate::manifest::{TableInfo, Visibility};
use crate::record::Record;
use crate::storage::Storage;
use crate::table::TableVerification;

impl<R: Record> Tree<R> {
    /// Reads all blocks of all tables of the levels from the device, those of tables that only open
    /// readers see included. Checks each block, and that the blocks of a table match its
    /// description. Waits for the device: no other component may have operations in its queue.
    pub(super) fn verify_all_tables<S: Storage>(
        &self,
        grid: &mut Grid<S>,
        verification: &mut Verification,
    ) {
        for level in self.manifest.levels() {
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                self.verify_table(found.table, grid, verification);
                verification.tables += 1;
            }
        }
    }

    pub(super) fn verify_table<S: Storage>(
        &self,
        table: &TableInfo<R::Key>,
        grid: &mut Grid<S>,
        verification: &mut Verification,
    ) {
        let checks = TableVerification::new(&self.layout, self.options.id, table);
        let read = grid.read_to_verify(checks.reference());
        let index_block = match read {
            Ok(block) => block,
            Err(error) => return verification.errors.push(error),
        };
        let index = checks.index_block(index_block.contents(), index_block.body());
        let Some(index) = verification.checked(index) else { return };
        for number in 0..index.value_block_count() {
            let entry = index.entry(number);
            let checked = grid.read_to_verify(entry.reference).and_then(|block: BlockHandle| {
                let checked =
                    checks.value_block::<R>(number, &entry, block.contents(), block.body());
                checked.map(drop).map_err(GridError::from)
            });
            verification.checked(checked);
        }
    }
}

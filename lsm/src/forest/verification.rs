//! Verifies a forest: reads every block that it uses from the device.

use super::{Forest, StoreError};
use crate::beat::Trees;
use crate::grid::Verification;
use crate::storage::Storage;

impl<T: Trees<S>, S: Storage> Forest<T, S> {
    /// Reads every block that the forest uses from the device, past the cache: those of all tables,
    /// of the manifest log, and of the free set of the last checkpoint. Checks each block, and that
    /// the blocks of a table and of the log match each other. First completes all operations of the
    /// device, so that no block is still to be written. Nothing changes.
    ///
    /// Errors of blocks are part of the result. Records in memory and released blocks are not
    /// verified. Nor are the copies of the superblock: opening verifies and repairs them.
    ///
    /// # Errors
    ///
    /// If the forest is closed.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn verify(&mut self) -> Result<Verification, StoreError> {
        self.refuse_if_closed()?;
        while self.step() {}
        let mut verification = Verification::default();
        let Self { grid, superblock, log, trees, .. } = self;
        for place in 0..trees.count() {
            trees.tree(place).verify_tables(grid, &mut verification);
        }
        log.verify_blocks(grid, &mut verification);
        grid.verify_trailers(&superblock.working().state(), &mut verification);
        Ok(verification)
    }
}

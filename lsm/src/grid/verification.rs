//! Reads every block of a store from the device, and collects what is wrong.
//!
//! - Each component that refers to blocks reads and checks its own: the grid those of the encoded
//!   free set, the manifest log its own, and each tree those of its tables.
//! - A block that is wrong does not end the verification. The blocks that only this block refers to
//!   stay unread.
//! - The cache is not read, because damage is on the device.

use super::{BlockHandle, Grid, GridError};
use crate::block::{BlockReference, Corruption, Reason};
use crate::storage::Storage;
use crate::superblock::CheckpointState;

/// What a verification has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// The number of tables that were read, with errors or without.
    pub tables: u64,
    /// The number of blocks that were read and are right.
    pub blocks: u64,
    /// What is wrong, in the order of the reads: at most one error for each block.
    pub errors: Vec<GridError>,
}

impl Verification {
    /// Returns whether every block is right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// Counts a block that was read and checked, or notes what is wrong with it.
    pub(crate) fn checked<T>(&mut self, result: Result<T, impl Into<GridError>>) -> Option<T> {
        match result {
            Ok(value) => {
                self.blocks += 1;
                Some(value)
            }
            Err(error) => {
                self.errors.push(error.into());
                None
            }
        }
    }
}

impl<S: Storage> Grid<S> {
    /// Reads a block from the device, for a verification. Waits for the device. No other component
    /// may have operations in the device's queue.
    ///
    /// # Errors
    ///
    /// If the block cannot be read, or is free.
    pub(crate) fn read_to_verify(
        &mut self,
        reference: BlockReference,
    ) -> Result<BlockHandle, GridError> {
        let address = reference.address;
        if !(1..=self.layout.block_count()).contains(&address) || self.free_set.is_free(address) {
            let reason = Reason::Meaning("a block in use is free, or is beyond the last");
            return Err(Corruption::of_block(reference, reason).into());
        }
        self.read_now(reference)
    }

    /// Reads and checks the blocks of the encoded free set of the last checkpoint. Waits for the
    /// device, as [`Grid::read_to_verify`] does.
    pub(crate) fn verify_trailers(
        &mut self,
        state: &CheckpointState,
        verification: &mut Verification,
    ) {
        for trailer in [&state.acquired, &state.released] {
            match self.read_chain(trailer) {
                Ok(blocks) => verification.blocks += blocks.len() as u64,
                Err(error) => verification.errors.push(error),
            }
        }
    }
}

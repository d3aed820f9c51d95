//! Reads and checks the blocks of the log on the device.

use super::ManifestLog;
use super::block::LogBlock;
use crate::block::{BlockReference, Corruption, Reason};
use crate::grid::{Grid, GridError, Verification};
use crate::storage::Storage;

impl ManifestLog {
    /// Reads all closed blocks from the device. Checks each block, its entries, and that it names
    /// the block before it. Waits for the device: no other component may have operations in its
    /// queue.
    pub(crate) fn verify_blocks<S: Storage>(
        &self,
        grid: &mut Grid<S>,
        verification: &mut Verification,
    ) {
        let mut before = None;
        for reference in &self.closed {
            let checked = match self.failed {
                // The write of the block was refused, so that the block has no checksum.
                Some(error) if reference.checksum == 0 => Err(error),
                _ => check(*reference, before, grid),
            };
            verification.checked(checked);
            before = Some(*reference);
        }
    }
}

fn check<S: Storage>(
    reference: BlockReference,
    before: Option<BlockReference>,
    grid: &mut Grid<S>,
) -> Result<(), GridError> {
    let invalid = |reason| GridError::from(Corruption::of_block(reference, reason));
    let block = LogBlock::new(grid.read_to_verify(reference)?).map_err(invalid)?;
    if before.is_some_and(|before| block.previous() != before) {
        return Err(invalid(Reason::Meaning("a block of the log names another one before it")));
    }
    block.entries().try_for_each(|(_, entry)| entry.map(drop)).map_err(invalid)
}

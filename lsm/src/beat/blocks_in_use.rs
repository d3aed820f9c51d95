//! The check that a store has enough blocks in use for its tables.
//!
//! - Each table has an index block and at least one value block of its own, and the memory for
//!   tables is limited accordingly. If the blocks of some tables were shared or free, compactions
//!   could write more tables than fit into this memory.
//! - Opening checks this, and so does each checkpoint before it is written. Otherwise, a store with
//!   a forged free set could acknowledge a checkpoint that no store opens.

use crate::block::{Corruption, Place, Reason};
use crate::grid::{Grid, GridError};
use crate::manifest_log::ManifestLog;
use crate::storage::Storage;

/// Checks that at least as many blocks are in use as the tables and the manifest log need.
///
/// # Errors
///
/// Returns a corruption of the superblock if there are too few.
pub(crate) fn check_blocks_in_use<S: Storage>(
    log: &ManifestLog,
    grid: &Grid<S>,
) -> Result<(), GridError> {
    let set = grid.free_set();
    let in_use = set.acquired_count() - set.released_count() - set.staged_count();
    let needed = 2 * log.table_count() as u64 + log.block_count() as u64;
    if needed <= in_use {
        return Ok(());
    }
    let reason = Reason::Meaning("there are more tables than blocks for them");
    Err(GridError::Corruption(Corruption { place: Place::Superblock, reason }))
}

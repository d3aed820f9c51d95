//! The newest version of a key, as far as the blocks in memory tell.
//!
//! - Levels are asked one after the other, the newest first. The first block that is not in memory ends it: what
//!   the levels above it hold is known, and the device has to be asked from that level on.
//!
//! What it does not do: it reads nothing from the device, and it does not look into memory tables.

use crate::block::{Corruption, Place};
use crate::grid::{Grid, GridError};
use crate::manifest::Manifest;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{TableLayout, TableLookup};

/// What blocks in memory say of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedLookup<R> {
    /// Its newest version, which may be a tombstone, at this level.
    Found {
        /// The record.
        record: R,
        /// The level.
        level: u32,
    },
    /// No level has it.
    Absent,
    /// The levels above this one do not have it. This one may: a block of it is not in memory.
    Possible {
        /// Where the device has to be asked from.
        level: u32,
    },
}

pub(super) fn lookup_cached<R: Record, S: Storage>(
    manifest: &Manifest<R::Key>,
    layout: &TableLayout,
    tree: u16,
    key: R::Key,
    grid: &mut Grid<S>,
) -> Result<CachedLookup<R>, GridError> {
    let lookup = TableLookup::new(layout, tree, key);
    for level in 0..manifest.levels().len() as u32 {
        let Some(table) = manifest.table_for(level, key) else { continue };
        let index = table.reference();
        let corruption = |address, reason| {
            GridError::Corruption(Corruption { place: Place::Block(address), reason })
        };
        let missing = Ok(CachedLookup::Possible { level });
        // Where the block cannot be, whoever asks the device is told so.
        if !grid.is_readable(index.address) {
            return missing;
        }
        let Some(block) = grid.read_cached(index) else { return missing };
        let entry = lookup
            .index_block(block.contents(), block.body())
            .map_err(|reason| corruption(index.address, reason))?;
        let Some(entry) = entry else { continue };
        let values = entry.reference;
        if !grid.is_readable(values.address) {
            return missing;
        }
        let Some(block) = grid.read_cached(values) else { return missing };
        let record = lookup
            .value_block::<R>(&entry, block.contents(), block.body())
            .map_err(|reason| corruption(values.address, reason))?;
        if let Some(record) = record {
            return Ok(CachedLookup::Found { record: *record, level });
        }
    }
    Ok(CachedLookup::Absent)
}

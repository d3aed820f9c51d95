//! Reads whole trees of a groove, for inspection.

use super::index::{IndexRecord, IndexTree};
use super::{Field, FieldValue, Groove, Object};
use crate::collections::Direction;
use crate::forest::{InvalidStore, Reader, StoreError};
use crate::record::Record;
use crate::scan::{Scan, ScanProgress};
use crate::storage::Storage;
use crate::tree::Tree;

/// Calls `take` with the records of a tree. The scan must then be abandoned.
fn scan_all<R: Record, S: Storage>(
    scan: &mut Scan<R>,
    tree: &Tree<R>,
    direction: Direction,
    reader: &mut Reader<'_, S>,
    mut take: impl FnMut(&R),
) -> Result<(), StoreError> {
    let Some(range) = tree.key_range() else { return Ok(()) };
    scan.start(tree, range, direction, reader.grid());
    loop {
        match scan.next(tree, reader.grid())? {
            ScanProgress::Record(record) => take(&record),
            ScanProgress::Pending => reader.step()?,
            ScanProgress::Ended => return Ok(()),
        }
    }
}

impl<O: Object> Groove<O> {
    /// Reads the object tree, and calls `take` with each object, in the order of the timestamps.
    ///
    /// # Errors
    ///
    /// If a block cannot be read.
    pub fn for_each_object<S: Storage>(
        &self,
        direction: Direction,
        reader: &mut Reader<'_, S>,
        take: impl FnMut(&O),
    ) -> Result<(), StoreError> {
        let scan = Scan::new(self.objects.options());
        let mut scan = scan.map_err(|error| StoreError::Invalid(InvalidStore::Memory(error)))?;
        let read = scan_all(&mut scan, &self.objects, direction, reader, take);
        scan.abandon(reader.grid());
        read
    }

    /// Reads the tree of a field, and calls `take` with the value and the timestamp of each entry,
    /// in the order of the values and, for equal values, of the timestamps.
    ///
    /// # Errors
    ///
    /// If a block cannot be read.
    ///
    /// # Panics
    ///
    /// If the field has no tree.
    pub fn for_each_entry<V: FieldValue, S: Storage>(
        &mut self,
        field: Field<O, V>,
        direction: Direction,
        reader: &mut Reader<'_, S>,
        mut take: impl FnMut(u128, u64),
    ) -> Result<(), StoreError> {
        let index = self.indexes.iter().find(|index| index.field() == field.number);
        let Some(index) = index else { panic!("groove: the field must have a tree ({field:?})") };
        let slot = &mut self.scans.slots[0];
        let mut each = |value, timestamp| take(value, timestamp);
        let read = match &index.tree {
            IndexTree::Unique64(tree) => {
                entries(slot.unique64.scan(), tree, direction, reader, &mut each)
            }
            IndexTree::Unique128(tree) => {
                entries(slot.unique128.scan(), tree, direction, reader, &mut each)
            }
            IndexTree::Index64(tree) => {
                entries(slot.index64.scan(), tree, direction, reader, &mut each)
            }
            IndexTree::Index128(tree) => {
                entries(slot.index128.scan(), tree, direction, reader, &mut each)
            }
        };
        self.scans.abandon(reader.grid());
        read
    }
}

fn entries<R: IndexRecord, S: Storage>(
    scan: &mut Scan<R>,
    tree: &Tree<R>,
    direction: Direction,
    reader: &mut Reader<'_, S>,
    take: &mut dyn FnMut(u128, u64),
) -> Result<(), StoreError> {
    scan_all(scan, tree, direction, reader, |entry| take(entry.value(), entry.timestamp()))
}

//! Scans of a store.
//!
//! - One scan at a time, which holds the store: nothing changes while it goes on. Whoever wants to write in between
//!   ends it, and begins another behind the last key.
//!
//! What this does not do: it counts nothing.

use super::{Store, StoreError};
use crate::collections::Direction;
use crate::grid::GridError;
use crate::manifest::KeyRange;
use crate::record::Record;
use crate::scan::Next;
use crate::storage::Storage;

/// The records of a range, one after the other.
#[derive(Debug)]
pub struct StoreScan<'a, R: Record, S: Storage> {
    store: &'a mut Store<R, S>,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Begins to go through the records of a range of keys, both ends included.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`.
    pub fn scan(&mut self, range: KeyRange<R::Key>, direction: Direction) -> StoreScan<'_, R, S> {
        let Self { tree, grid, scan, .. } = self;
        scan.start(tree, range, direction, grid);
        StoreScan { store: self }
    }
}

impl<R: Record, S: Storage> StoreScan<'_, R, S> {
    /// Goes on to this key: what comes before it is not given.
    pub fn seek(&mut self, key: R::Key) {
        let Store { tree, grid, scan, .. } = &mut *self.store;
        scan.seek(key, tree, grid);
    }
}

impl<R: Record, S: Storage> Iterator for StoreScan<'_, R, S> {
    type Item = Result<R, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Store { tree, grid, scan, .. } = &mut *self.store;
            match scan.next(tree, grid) {
                Ok(Next::Record(record)) => return Some(Ok(record)),
                Ok(Next::Ended) => return None,
                Ok(Next::Waiting) if self.store.step() => {}
                Ok(Next::Waiting) => return Some(Err(StoreError::Grid(GridError::Gone))),
                Err(error) => return Some(Err(StoreError::Grid(error))),
            }
        }
    }
}

impl<R: Record, S: Storage> Drop for StoreScan<'_, R, S> {
    fn drop(&mut self) {
        let Store { grid, scan, .. } = &mut *self.store;
        scan.abandon(grid);
    }
}

//! Scans of a store: one that holds it, or one that goes on while the store changes.
//!
//! - One scan at a time. Beginning another ends it, and so does opening the store again.
//! - A [`StoreScan`] holds the store: nothing changes while it goes on.
//! - Between two calls of [`Store::scan_next`] everything may happen. What comes is what is there then, behind the key
//!   that came last. During a beat a scan holds no block.
//!
//! What this does not do: it counts nothing.

use std::iter::FusedIterator;

use super::{Store, StoreError};
use crate::collections::Direction;
use crate::grid::GridError;
use crate::manifest::KeyRange;
use crate::record::Record;
use crate::scan::Next;
use crate::storage::Storage;

/// The records of a range, one after the other. An error is the last that it gives.
#[derive(Debug)]
pub struct StoreScan<'a, R: Record, S: Storage> {
    store: &'a mut Store<R, S>,
    /// Whether it gave its last record, or an error.
    has_ended: bool,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Begins to go through the records of a range of keys, both ends included.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`, or a beat is under way.
    pub fn scan(&mut self, range: KeyRange<R::Key>, direction: Direction) -> StoreScan<'_, R, S> {
        self.scan_begin(range, direction);
        StoreScan { store: self, has_ended: false }
    }

    /// Begins a scan, both ends included, that goes on with each [`Store::scan_next`], whatever was done in between.
    ///
    /// # Panics
    ///
    /// If the range's `min` is above its `max`, or a beat is under way.
    pub fn scan_begin(&mut self, range: KeyRange<R::Key>, direction: Direction) {
        self.assert_no_beat();
        let Self { tree, grid, scan, .. } = self;
        scan.start(tree, range, direction, grid);
    }

    /// The next record of the scan that was begun last; none, if there is none any more, or no scan.
    ///
    /// # Errors
    ///
    /// If a block of the tree cannot be had: the scan has ended then. While the store is not open, every call gives the
    /// error that says so.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn scan_next(&mut self) -> Option<Result<R, StoreError>> {
        self.assert_no_beat();
        if let Err(error) = self.refuse_if_closed() {
            return Some(Err(error));
        }
        loop {
            let Self { tree, grid, scan, .. } = self;
            match scan.next(tree, grid) {
                Ok(Next::Record(record)) => return Some(Ok(record)),
                Ok(Next::Ended) => return None,
                Ok(Next::Waiting) if self.step() => {}
                Ok(Next::Waiting) => {
                    self.scan_end();
                    return Some(Err(StoreError::Grid(GridError::Gone)));
                }
                Err(error) => return Some(Err(StoreError::Grid(error))),
            }
        }
    }

    /// Goes on to this key with the scan that was begun last: what comes before it is not given.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn scan_seek(&mut self, key: R::Key) {
        self.assert_no_beat();
        let Self { tree, grid, scan, .. } = self;
        scan.seek(key, tree, grid);
    }

    /// Ends the scan, if there is one, and gives back what it holds.
    pub fn scan_end(&mut self) {
        let Self { grid, scan, .. } = self;
        scan.abandon(grid);
    }
}

impl<R: Record, S: Storage> StoreScan<'_, R, S> {
    /// Goes on to this key: what comes before it is not given.
    pub fn seek(&mut self, key: R::Key) {
        self.store.scan_seek(key);
    }
}

impl<R: Record, S: Storage> Iterator for StoreScan<'_, R, S> {
    type Item = Result<R, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let next = self.store.scan_next();
        self.has_ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: Record, S: Storage> FusedIterator for StoreScan<'_, R, S> {}

impl<R: Record, S: Storage> Drop for StoreScan<'_, R, S> {
    fn drop(&mut self) {
        self.store.scan_end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;
    use crate::store::StoreOptions;
    use crate::test_records::{Numbered as _, Object};

    /// The keys that a scan gives while the tree changes between any two of them, and how often it waited.
    fn scanned(range: KeyRange<u64>, direction: Direction) -> Vec<u64> {
        let options = StoreOptions::tiny(512);
        let mut store = Store::format(MemoryStorage::new(1 << 20, 256), &options, 1).unwrap();
        for key in 0..40 {
            store.put(&Object::put(key, 1)).unwrap();
        }
        store.checkpoint().unwrap();
        store.grid_mut().drop_cache();
        let Store { tree, grid, scan, .. } = &mut store;
        scan.start(tree, range, direction, grid);
        let mut keys = Vec::new();
        loop {
            let Store { tree, grid, scan, .. } = &mut store;
            match scan.next(tree, grid).unwrap() {
                Next::Record(record) => {
                    keys.push(record.key());
                    store.put(&Object::put(record.key(), 2)).unwrap();
                    store.put(&Object::put(50, 2)).unwrap();
                    store.beat().unwrap();
                }
                Next::Waiting => assert!(store.step()),
                Next::Ended => return keys,
            }
        }
    }

    #[test]
    fn a_scan_goes_on_behind_the_key_that_it_gave_last_when_the_tree_changed() {
        let upwards: Vec<u64> = (3..40).collect();
        assert_eq!(scanned(KeyRange::new(3, 49), Direction::Ascending), upwards);
        let downwards: Vec<u64> = (3..40).rev().collect();
        assert_eq!(scanned(KeyRange::new(3, 49), Direction::Descending), downwards);
        let whole = KeyRange::new(0, u64::MAX);
        assert_eq!(scanned(whole, Direction::Ascending).last(), Some(&50));
        assert_eq!(scanned(KeyRange::new(39, 39), Direction::Ascending), [39]);
        assert_eq!(scanned(KeyRange::new(0, 0), Direction::Descending), [0]);
    }

    /// The keys that a scan of all gives that is told to go on to a key while it waits for the device the `nth` time.
    fn sought(
        store: &mut Store<Object, MemoryStorage>,
        direction: Direction,
        nth: u32,
        key: u64,
    ) -> Vec<u64> {
        store.grid_mut().drop_cache();
        let Store { tree, grid, scan, .. } = store;
        scan.start(tree, KeyRange::new(0, 39), direction, grid);
        let mut keys = Vec::new();
        let mut waited = 0;
        loop {
            let Store { tree, grid, scan, .. } = store;
            match scan.next(tree, grid).unwrap() {
                Next::Record(record) => keys.push(record.key()),
                Next::Waiting => {
                    if waited == nth {
                        scan.seek(key, tree, grid);
                    }
                    waited += 1;
                    store.step();
                }
                Next::Ended => return keys,
            }
        }
    }

    #[test]
    fn a_scan_that_waits_can_be_told_to_go_on_elsewhere() {
        let options = StoreOptions::tiny(512);
        let mut store = Store::format(MemoryStorage::new(1 << 20, 256), &options, 1).unwrap();
        for key in 0..40 {
            store.put(&Object::put(key, 1)).unwrap();
        }
        store.checkpoint().unwrap();
        let last: Vec<u64> = (30..40).collect();
        assert_eq!(sought(&mut store, Direction::Ascending, 0, 30), last);
        for (nth, key) in (0..20).flat_map(|nth| (0..40).map(move |key| (nth, key))) {
            let keys = sought(&mut store, Direction::Ascending, nth, key);
            let given = (0..40).find(|given| !keys.contains(given)).unwrap_or(key);
            let expected: Vec<u64> = (0..given).chain(key.max(given)..40).collect();
            assert_eq!(keys, expected, "wait {nth}, key {key}");
            let keys = sought(&mut store, Direction::Descending, nth, key);
            let given = (0..40).rev().find(|given| !keys.contains(given)).unwrap_or(key);
            let expected: Vec<u64> =
                (given + 1..40).rev().chain((0..=key.min(given)).rev()).collect();
            assert_eq!(keys, expected, "wait {nth}, key {key}");
        }
    }
}

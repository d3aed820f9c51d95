//! Scans: the records of a range of keys, in ascending or descending order.
//!
//! - There is one scan at a time. It ends when another begins, or when the store is reopened.
//! - A [`Range`] borrows the store, so the store cannot change while the range exists.
//! - The store can be written to between two calls to a scan by hand. Each call returns the next
//!   record after the last returned key, from the content of the store at the time of the call.
//!   When a beat begins, the scan releases its blocks.

use std::iter::FusedIterator;
use std::ops::{Bound, RangeBounds};

use super::{ByHand, Store, StoreError};
use crate::collections::Direction;
use crate::grid::GridError;
use crate::manifest::KeyRange;
use crate::record::{Key, Record};
use crate::scan::Next;
use crate::storage::Storage;

/// The records of a range of keys, in ascending order of their keys; see [`Store::range`].
///
/// - An error is the last item. The range has then ended.
/// - [`Range::rev`] reverses the order. It must be called before the first record is requested. A
///   range has one direction, so it is not a [`DoubleEndedIterator`].
#[derive(Debug)]
#[must_use = "a range is lazy: it reads nothing until its first record is requested"]
pub struct Range<'a, R: Record, S: Storage> {
    store: &'a mut Store<R, S>,
    state: RangeState<R::Key>,
}

#[derive(Clone, Copy, Debug)]
enum RangeState<K> {
    /// No record was requested yet.
    New {
        keys: Option<KeyRange<K>>,
        direction: Direction,
    },
    UnderWay,
    Ended,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Returns an iterator over the records of a range of keys, in ascending order. For descending
    /// order, call [`Range::rev`]. The iterator waits for the device. It is empty if no key is
    /// within the bounds.
    ///
    /// If a scan by hand is in progress, this call ends it.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn range(&mut self, keys: impl RangeBounds<R::Key>) -> Range<'_, R, S> {
        self.assert_no_beat();
        self.by_hand().scan_end();
        let state = RangeState::New { keys: key_range(&keys), direction: Direction::Ascending };
        Range { store: self, state }
    }
}

impl<R: Record, S: Storage> Range<'_, R, S> {
    /// Reverses the direction of the range. Without this call the range is ascending.
    ///
    /// # Panics
    ///
    /// If a record was requested, or [`Range::seek`] was called.
    pub fn rev(mut self) -> Self {
        let RangeState::New { direction, .. } = &mut self.state else {
            panic!("store: a range must be reversed before its first record");
        };
        *direction = match direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        };
        self
    }

    /// Skips to a key. The next record is the one with this key or, if there is none, the first one
    /// after it in the range's direction. Does nothing if this would move the range back, or if the
    /// range has ended.
    pub fn seek(&mut self, key: R::Key) {
        self.begin();
        self.store.by_hand().scan_seek(key);
    }

    /// Begins the scan if it has not begun.
    fn begin(&mut self) {
        let RangeState::New { keys, direction } = self.state else { return };
        self.state = match keys {
            Some(keys) => {
                let Store { tree, grid, scan, .. } = &mut *self.store;
                scan.start(tree, keys, direction, grid);
                RangeState::UnderWay
            }
            None => RangeState::Ended,
        };
    }
}

impl<R: Record, S: Storage> Iterator for Range<'_, R, S> {
    type Item = Result<R, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.begin();
        if matches!(self.state, RangeState::Ended) {
            return None;
        }
        let next = self.store.by_hand().scan_next();
        if !matches!(next, Some(Ok(_))) {
            self.state = RangeState::Ended;
        }
        next
    }
}

impl<R: Record, S: Storage> FusedIterator for Range<'_, R, S> {}

impl<R: Record, S: Storage> Drop for Range<'_, R, S> {
    fn drop(&mut self) {
        self.store.by_hand().scan_end();
    }
}

impl<R: Record, S: Storage> ByHand<'_, R, S> {
    /// Begins a scan of a range of keys. [`ByHand::scan_next`] returns its records. Other calls to
    /// the store are allowed before, between and after these calls.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn scan_begin(&mut self, keys: impl RangeBounds<R::Key>, direction: Direction) {
        self.store.assert_no_beat();
        let Store { tree, grid, scan, .. } = &mut *self.store;
        match key_range(&keys) {
            Some(keys) => scan.start(tree, keys, direction, grid),
            None => scan.abandon(grid),
        }
    }

    /// Returns the next record of the scan, or `None` if there are no more records or no scan was
    /// begun. Waits for the device.
    ///
    /// # Errors
    ///
    /// If a block cannot be read, which ends the scan. If the store is closed: then every call
    /// returns this error.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn scan_next(&mut self) -> Option<Result<R, StoreError>> {
        self.store.assert_no_beat();
        if let Err(error) = self.store.refuse_if_closed() {
            return Some(Err(error));
        }
        loop {
            let Store { tree, grid, scan, .. } = &mut *self.store;
            match scan.next(tree, grid) {
                Ok(Next::Record(record)) => return Some(Ok(record)),
                Ok(Next::Ended) => return None,
                Ok(Next::Waiting) if self.store.step() => {}
                Ok(Next::Waiting) => {
                    self.scan_end();
                    return Some(Err(StoreError::Grid(GridError::Gone)));
                }
                Err(error) => return Some(Err(StoreError::Grid(error))),
            }
        }
    }

    /// Skips to a key. The next record is the one with this key or, if there is none, the first one
    /// after it in the scan's direction. Does nothing if this would move the scan back, or if the
    /// scan has ended.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn scan_seek(&mut self, key: R::Key) {
        self.store.assert_no_beat();
        let Store { tree, grid, scan, .. } = &mut *self.store;
        scan.seek(key, tree, grid);
    }

    /// Ends the scan, if one was begun, and releases its blocks.
    pub fn scan_end(&mut self) {
        let Store { grid, scan, .. } = &mut *self.store;
        scan.abandon(grid);
    }
}

/// Converts bounds to an inclusive range of keys, or to `None` if no key is within the bounds.
fn key_range<K: Key>(bounds: &impl RangeBounds<K>) -> Option<KeyRange<K>> {
    let min = match bounds.start_bound() {
        Bound::Included(key) => *key,
        Bound::Excluded(key) => key.successor()?,
        Bound::Unbounded => K::MIN,
    };
    let max = match bounds.end_bound() {
        Bound::Included(key) => *key,
        Bound::Excluded(key) => key.predecessor()?,
        Bound::Unbounded => K::MAX,
    };
    (min <= max).then(|| KeyRange::new(min, max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;
    use crate::store::StoreOptions;
    use crate::test_records::{Numbered as _, Object};

    /// Returns the keys that a scan returns while the tree changes after each key.
    fn scanned(range: KeyRange<u64>, direction: Direction) -> Vec<u64> {
        let options = StoreOptions::tiny(512);
        let mut store = Store::format(MemoryStorage::new(1 << 20, 256), &options, 1).unwrap();
        for key in 0..40 {
            store.put(&Object::put(key, 1)).unwrap();
        }
        store.checkpoint().unwrap();
        store.by_hand().grid_mut().drop_cache();
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
    fn a_scan_continues_after_its_last_key_when_the_tree_has_changed() {
        let upwards: Vec<u64> = (3..40).collect();
        assert_eq!(scanned(KeyRange::new(3, 49), Direction::Ascending), upwards);
        let downwards: Vec<u64> = (3..40).rev().collect();
        assert_eq!(scanned(KeyRange::new(3, 49), Direction::Descending), downwards);
        let whole = KeyRange::new(0, u64::MAX);
        assert_eq!(scanned(whole, Direction::Ascending).last(), Some(&50));
        assert_eq!(scanned(KeyRange::new(39, 39), Direction::Ascending), [39]);
        assert_eq!(scanned(KeyRange::new(0, 0), Direction::Descending), [0]);
    }

    /// Scans all records, and seeks `key` after `nth` waits for the device, while the scan waits
    /// again. Returns the keys that the scan returns.
    fn sought(
        store: &mut Store<Object, MemoryStorage>,
        direction: Direction,
        nth: u32,
        key: u64,
    ) -> Vec<u64> {
        store.by_hand().grid_mut().drop_cache();
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
    fn a_scan_that_waits_for_the_device_can_seek() {
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

    #[test]
    fn bounds_become_an_inclusive_range_of_keys() {
        let whole = KeyRange::new(u64::MIN, u64::MAX);
        assert_eq!(key_range::<u64>(&..), Some(whole));
        assert_eq!(key_range::<u64>(&(3..)), Some(KeyRange::new(3, u64::MAX)));
        assert_eq!(key_range::<u64>(&(3..5)), Some(KeyRange::new(3, 4)));
        assert_eq!(key_range::<u64>(&(3..=5)), Some(KeyRange::new(3, 5)));
        assert_eq!(key_range::<u64>(&(..u64::MAX)), Some(KeyRange::new(0, u64::MAX - 1)));
        let above = (Bound::Excluded(3), Bound::Unbounded);
        assert_eq!(key_range::<u64>(&above), Some(KeyRange::new(4, u64::MAX)));
    }

    #[test]
    fn bounds_that_contain_no_key_give_no_range() {
        #[expect(clippy::reversed_empty_ranges, reason = "reversed bounds are tested")]
        let reversed = 5..=3;
        assert_eq!(key_range::<u64>(&reversed), None);
        assert_eq!(key_range::<u64>(&(3..3)), None);
        assert_eq!(key_range::<u64>(&(..0)), None);
        assert_eq!(key_range::<u64>(&(Bound::Excluded(u64::MAX), Bound::Unbounded)), None);
        assert_eq!(key_range::<u64>(&(Bound::Excluded(3), Bound::Excluded(4))), None);
    }
}

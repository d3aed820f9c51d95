//! Ranges: the records of a range of keys, in ascending or descending order.
//!
//! A [`Range`] borrows the store, so the store cannot change while the range exists, and there is
//! at most one. It has a scan of its own: scans by hand stay open.

use std::iter::FusedIterator;
use std::ops::{Bound, RangeBounds};

use super::scans::Scans;
use super::{Store, StoreError};
use crate::collections::Direction;
use crate::forest::Forest;
use crate::grid::GridError;
use crate::manifest::KeyRange;
use crate::record::{Key, Record};
use crate::scan::ScanProgress;
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
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn range(&mut self, keys: impl RangeBounds<R::Key>) -> Range<'_, R, S> {
        self.forest.assert_no_beat();
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
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut *self.store;
        scans.range().seek(key, tree, grid);
    }

    /// The next record, or `None` if there are no more records. Waits for the device.
    fn wait_for_next(&mut self) -> Option<Result<R, StoreError>> {
        loop {
            match self.store.scan_advance(Scans::range) {
                Ok(ScanProgress::Record(record)) => return Some(Ok(record)),
                Ok(ScanProgress::Ended) => return None,
                Ok(ScanProgress::Pending) if self.store.forest.step() => {}
                Ok(ScanProgress::Pending) => {
                    let Store { forest: Forest { grid, .. }, scans, .. } = &mut *self.store;
                    scans.range().abandon(grid);
                    return Some(Err(StoreError::Grid(GridError::Gone)));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Begins the scan if it has not begun.
    fn begin(&mut self) {
        let RangeState::New { keys, direction } = self.state else { return };
        self.state = match keys {
            Some(keys) => {
                let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } =
                    &mut *self.store;
                scans.range().start(tree, keys, direction, grid);
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
        let next = self.wait_for_next();
        if !matches!(next, Some(Ok(_))) {
            self.state = RangeState::Ended;
        }
        next
    }
}

impl<R: Record, S: Storage> FusedIterator for Range<'_, R, S> {}

impl<R: Record, S: Storage> Drop for Range<'_, R, S> {
    fn drop(&mut self) {
        let Store { forest: Forest { grid, .. }, scans, .. } = &mut *self.store;
        scans.range().abandon(grid);
    }
}

/// Converts bounds to an inclusive range of keys, or to `None` if no key is within the bounds.
pub(super) fn key_range<K: Key>(bounds: &impl RangeBounds<K>) -> Option<KeyRange<K>> {
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

//! Salvage: the records of a range of keys although some blocks cannot be read.
//!
//! ```text
//! level 0      [ a . . d ]          [ ? ? ? ]          the lost block has keys from k to p
//! level 1   [ . c . . f . h . . k . m . . q . . t ]
//!
//! items        a c d f h            lost k to p    q t
//! ```
//!
//! - Of the keys of a lost block, the newest version may be in it. So no record of these keys is
//!   returned, also if another level has one, even a newer one. A lost index block of a table loses
//!   all keys between the first and the last of the table.
//! - All other records are returned, in order: first those before the lost keys, for which the scan
//!   starts again with a range that ends before them.
//! - Each start again has fewer keys left. A block that was reported is not read again; one that
//!   was found behind it is.

use std::iter::FusedIterator;
use std::ops::RangeBounds;

use super::range::key_range;
use super::scans::Scans;
use super::{Store, StoreError};
use crate::collections::Direction;
use crate::forest::Forest;
use crate::grid::GridError;
use crate::manifest::KeyRange;
use crate::record::{Key, Record};
use crate::scan::ScanProgress;
use crate::storage::Storage;

/// An item of a [`Salvage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Salvaged<R: Record> {
    /// A record.
    Record(R),
    /// A block cannot be read.
    Lost {
        /// The keys that the block may contain. Which of them have a record, and which record, is
        /// unknown.
        keys: KeyRange<R::Key>,
        /// Why the block cannot be read.
        error: StoreError,
    },
}

/// The records of a range of keys, and the parts of the range that cannot be read; see
/// [`Store::salvage`].
///
/// The records and the lost keys are in order, and no record has a lost key.
#[derive(Debug)]
#[must_use = "a salvage is lazy: it reads nothing until its first item is requested"]
pub struct Salvage<'a, R: Record, S: Storage> {
    store: &'a mut Store<R, S>,
    /// All keys that are left; `None` if there are none.
    left: Option<KeyRange<R::Key>>,
    direction: Direction,
    /// Whether an item was requested.
    has_begun: bool,
    /// What the scan has still to read: all keys that are left, or those before the lost ones.
    reading: Option<KeyRange<R::Key>>,
    is_reading: bool,
    /// What is lost after the keys that the scan reads.
    lost: Option<(KeyRange<R::Key>, StoreError)>,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Returns an iterator over the records of a range of keys, in ascending order, that goes on
    /// behind blocks that cannot be read. For descending order, call [`Salvage::rev`]. The iterator
    /// waits for the device. It is empty if no key is within the bounds.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn salvage(&mut self, keys: impl RangeBounds<R::Key>) -> Salvage<'_, R, S> {
        self.forest.assert_no_beat();
        let left = key_range(&keys);
        Salvage {
            store: self,
            left,
            direction: Direction::Ascending,
            has_begun: false,
            reading: left,
            is_reading: false,
            lost: None,
        }
    }
}

impl<R: Record, S: Storage> Salvage<'_, R, S> {
    /// Reverses the direction. Without this call it is ascending.
    ///
    /// # Panics
    ///
    /// If an item was requested.
    pub fn rev(mut self) -> Self {
        assert!(!self.has_begun, "store: a salvage must be reversed before its first item");
        self.direction = match self.direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        };
        self
    }

    /// The part of a range before a key, in the direction.
    fn before(&self, range: KeyRange<R::Key>, key: R::Key) -> Option<KeyRange<R::Key>> {
        let KeyRange { min, max } = range;
        let (min, max) = match self.direction {
            Direction::Ascending => (min, key.predecessor()?.min(max)),
            Direction::Descending => (key.successor()?.max(min), max),
        };
        (min <= max).then(|| KeyRange::new(min, max))
    }

    /// The part of a range after a key, in the direction.
    fn after(&self, range: KeyRange<R::Key>, key: R::Key) -> Option<KeyRange<R::Key>> {
        let KeyRange { min, max } = range;
        let (min, max) = match self.direction {
            Direction::Ascending => (key.successor()?.max(min), max),
            Direction::Descending => (min, key.predecessor()?.min(max)),
        };
        (min <= max).then(|| KeyRange::new(min, max))
    }

    /// The first and the last key of a range, in the direction.
    fn ends(&self, range: KeyRange<R::Key>) -> (R::Key, R::Key) {
        match self.direction {
            Direction::Ascending => (range.min, range.max),
            Direction::Descending => (range.max, range.min),
        }
    }

    /// A block with these keys cannot be read. The scan first reads the keys before them.
    fn lose(&mut self, reading: KeyRange<R::Key>, keys: KeyRange<R::Key>, error: StoreError) {
        let left = self.left.unwrap_or(reading);
        let overlaps = keys.min <= reading.max && reading.min <= keys.max;
        // All keys of the block that are left are lost, so that it is not read and lost again.
        let keys = if overlaps {
            KeyRange::new(keys.min.max(left.min), keys.max.min(left.max))
        } else {
            reading
        };
        self.reading = self.before(reading, self.ends(keys).0);
        self.lost = Some((keys, error));
    }

    /// Nothing more can be read.
    fn lose_all(&mut self, error: StoreError) {
        let Store { forest: Forest { grid, .. }, scans, .. } = &mut *self.store;
        scans.range().abandon(grid);
        self.reading = None;
        self.lost = self.left.map(|left| (left, error));
    }

    /// Starts the scan of what it has to read.
    fn start(&mut self, reading: KeyRange<R::Key>) {
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut *self.store;
        scans.range().start(tree, reading, self.direction, grid);
        self.is_reading = true;
    }

    /// The next record of what the scan has to read; `None` if nothing is left of it.
    fn read(&mut self) -> Option<R> {
        while let Some(reading) = self.reading {
            if !self.is_reading {
                self.start(reading);
            }
            match self.store.scan_advance(Scans::range) {
                Ok(ScanProgress::Record(record)) => {
                    self.reading = self.after(reading, record.key());
                    self.left = self.left.and_then(|left| self.after(left, record.key()));
                    return Some(record);
                }
                Ok(ScanProgress::Ended) => self.reading = None,
                Ok(ScanProgress::Pending) if self.store.forest.step() => continue,
                Ok(ScanProgress::Pending) => self.lose_all(StoreError::Grid(GridError::Gone)),
                Err(error) => match self.store.scans.range().lost() {
                    Some(keys) if error != StoreError::Grid(GridError::Gone) => {
                        self.lose(reading, keys, error);
                    }
                    _ => self.lose_all(error),
                },
            }
            self.is_reading = false;
        }
        None
    }
}

impl<R: Record, S: Storage> Iterator for Salvage<'_, R, S> {
    type Item = Salvaged<R>;

    fn next(&mut self) -> Option<Self::Item> {
        self.has_begun = true;
        if let Some(record) = self.read() {
            return Some(Salvaged::Record(record));
        }
        let Some((keys, error)) = self.lost.take() else {
            self.left = None;
            return None;
        };
        self.left = self.left.and_then(|left| self.after(left, self.ends(keys).1));
        self.reading = self.left;
        self.is_reading = false;
        Some(Salvaged::Lost { keys, error })
    }
}

impl<R: Record, S: Storage> FusedIterator for Salvage<'_, R, S> {}

impl<R: Record, S: Storage> Drop for Salvage<'_, R, S> {
    fn drop(&mut self) {
        let Store { forest: Forest { grid, .. }, scans, .. } = &mut *self.store;
        scans.range().abandon(grid);
    }
}

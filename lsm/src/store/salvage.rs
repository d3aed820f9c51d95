//! Salvage: the records of a range of keys although some blocks cannot be read.
//!
//! ```text
//! level 0      [ . . f . . . n . . ]
//! level 1      [ a . d ][ ? ? ? ? ? ][ . s ]     the lost block has keys from e to q
//! level 2      [ b . . e . h . . n . q . r ]
//!
//! items        a b d  lost e to q  f n  r s
//! ```
//!
//! - A record that is returned is certain: it is the newest version of its key. Also of the keys of
//!   a lost block, those records are returned that a newer level or the memory has.
//! - Of the other keys of a lost block, the newest version may be in it. So no record of these keys
//!   is returned, also if an older level has one. A lost index block of a table loses all keys
//!   between the first and the last of the table.

use std::iter::FusedIterator;
use std::ops::RangeBounds;

use super::range::key_range;
use super::{Store, StoreError};
use crate::collections::Direction;
use crate::forest::Forest;
use crate::grid::GridError;
use crate::manifest::KeyRange;
use crate::record::{Key, Record};
use crate::scan::SalvageProgress;
use crate::storage::Storage;

/// An item of a [`Salvage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Salvaged<R: Record> {
    /// A record. It is certain, also if its key is lost: it is newer than the lost blocks.
    Record(R),
    /// A block cannot be read.
    Lost {
        /// The keys of the range that the block may contain. If no record of such a key follows, it
        /// is unknown whether the key has a record.
        keys: KeyRange<R::Key>,
        /// Why the block cannot be read.
        error: StoreError,
    },
}

/// The records of a range of keys, and the parts of the range that cannot be read; see
/// [`Store::salvage`].
///
/// The records are in order. Lost keys are named before the first record whose key is their first
/// key or behind it. They may overlap, if blocks of several levels are lost.
#[derive(Debug)]
#[must_use = "a salvage is lazy: it reads nothing until its first item is requested"]
pub struct Salvage<'a, R: Record, S: Storage> {
    store: &'a mut Store<R, S>,
    /// The keys behind the last record that was returned; `None` if there are none, or the salvage
    /// has ended.
    left: Option<KeyRange<R::Key>>,
    direction: Direction,
    /// Whether an item was requested.
    has_begun: bool,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Returns an iterator over the records of a range of keys, in ascending order, that goes on
    /// behind blocks that cannot be read. For descending order, call [`Salvage::rev`]. The iterator
    /// waits for the device. It is empty if no key is within the bounds. If the store is closed or
    /// the device is gone, all keys that are left are lost.
    ///
    /// To write the store again, [give up](Store::give_up) the tables of the lost keys.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn salvage(&mut self, keys: impl RangeBounds<R::Key>) -> Salvage<'_, R, S> {
        self.forest.assert_no_beat();
        let left = key_range(&keys);
        Salvage { store: self, left, direction: Direction::Ascending, has_begun: false }
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

    /// The part of a range behind a key, in the direction.
    fn behind(&self, range: KeyRange<R::Key>, key: R::Key) -> Option<KeyRange<R::Key>> {
        let KeyRange { min, max } = range;
        let (min, max) = match self.direction {
            Direction::Ascending => (key.successor()?, max),
            Direction::Descending => (min, key.predecessor()?),
        };
        (min <= max).then(|| KeyRange::new(min, max))
    }

    /// The next item of the scan. Waits for the device.
    fn advance(&mut self) -> Result<SalvageProgress<R>, StoreError> {
        let begins = !std::mem::replace(&mut self.has_begun, true);
        self.store.forest.assert_no_beat();
        self.store.forest.refuse_if_closed()?;
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut *self.store;
        if begins && let Some(range) = self.left {
            scans.range().start_salvage(tree, range, self.direction, grid);
        }
        loop {
            let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut *self.store;
            match scans.range().next_salvaged(tree, grid)? {
                SalvageProgress::Pending if self.store.forest.step() => {}
                SalvageProgress::Pending => return Err(StoreError::Grid(GridError::Gone)),
                progress => return Ok(progress),
            }
        }
    }

    /// Ends the scan.
    fn end(&mut self) {
        let Store { forest: Forest { grid, .. }, scans, .. } = &mut *self.store;
        scans.range().abandon(grid);
        self.left = None;
    }
}

impl<R: Record, S: Storage> Iterator for Salvage<'_, R, S> {
    type Item = Salvaged<R>;

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left?;
        match self.advance() {
            Ok(SalvageProgress::Record(record)) => {
                self.left = self.behind(left, record.key());
                Some(Salvaged::Record(record))
            }
            Ok(SalvageProgress::Lost(keys, error)) => {
                Some(Salvaged::Lost { keys, error: error.into() })
            }
            Ok(SalvageProgress::Pending | SalvageProgress::Ended) => {
                self.end();
                None
            }
            Err(error) => {
                self.end();
                Some(Salvaged::Lost { keys: left, error })
            }
        }
    }
}

impl<R: Record, S: Storage> FusedIterator for Salvage<'_, R, S> {}

impl<R: Record, S: Storage> Drop for Salvage<'_, R, S> {
    fn drop(&mut self) {
        self.end();
    }
}

//! A scan of the newest versions in a memtable, for readers.
//!
//! - It returns the newest version of each key in its range, which may be a tombstone. Keys are
//!   ascending or descending.
//! - It holds indices and keys, and borrows nothing between two calls; each call takes the view.
//! - It is valid until the next change of the table.
//! - Only the constructor allocates.

use super::slices::{Slice, Slices, ready_key, ready_record};
use super::{InvalidMemoryTable, MemoryTableOptions, MemoryView};
use crate::collections::Direction;
use crate::manifest::KeyRange;
use crate::merge::NewestFirst;
use crate::record::Record;

/// A scan of the newest versions in a memtable; see the [module](super).
#[derive(Debug)]
pub struct MemoryScan<R: Record> {
    merge: NewestFirst<R::Key>,
    /// Newest first.
    slices: Vec<Slice>,
    direction: Direction,
    version: u64,
}

impl<R: Record> MemoryScan<R> {
    /// An empty scan for tables with these options. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`MemoryTableOptions::validate`] refuses the options.
    pub fn new(options: &MemoryTableOptions) -> Result<Self, InvalidMemoryTable> {
        options.validate()?;
        let slice_count_max = options.slice_count_max();
        Ok(Self {
            merge: NewestFirst::new(slice_count_max),
            slices: Vec::with_capacity(slice_count_max),
            direction: Direction::Ascending,
            version: 0,
        })
    }

    /// Starts a new scan, of the keys in `range`. Does a binary search in each run and in each
    /// piece of the tail.
    pub fn start(
        &mut self,
        view: &MemoryView<'_, R>,
        range: &KeyRange<R::Key>,
        direction: Direction,
    ) {
        self.merge.start(direction);
        self.direction = direction;
        self.version = view.version;
        self.slices.clear();
        let pieces = (0..view.piece_ends.len()).rev().map(|piece| Slice::piece(view, piece));
        let runs = (0..view.runs.len()).rev().map(|run| Slice::run(view, run));
        self.slices.extend(
            pieces.chain(runs).map(|slice| slice.within(view, range)).filter(|it| !it.is_empty()),
        );
    }

    /// The key of the record that [`MemoryScan::pop`] returns next. `None` at the end.
    ///
    /// # Panics
    ///
    /// If the table has changed since the start.
    #[inline]
    pub fn peek(&mut self, view: &MemoryView<'_, R>) -> Option<R::Key> {
        let (merge, mut slices) = self.parts(view);
        ready_key(merge.peek(&mut slices))
    }

    /// The newest version of the next key. `None` at the end.
    ///
    /// # Panics
    ///
    /// If the table has changed since the start.
    #[inline]
    pub fn pop(&mut self, view: &MemoryView<'_, R>) -> Option<R> {
        let (merge, mut slices) = self.parts(view);
        ready_record(merge.pop(&mut slices))
    }

    /// Skips the keys before this one. Does nothing if this key or a later one was popped.
    ///
    /// # Panics
    ///
    /// If the table has changed since the start.
    pub fn seek(&mut self, view: &MemoryView<'_, R>, key: R::Key) {
        let direction = self.direction;
        let (merge, slices) = self.parts(view);
        if merge.seek(key) {
            for slice in slices.slices {
                slice.seek(view, direction, key);
            }
        }
    }

    #[inline]
    fn parts<'a>(
        &'a mut self,
        view: &MemoryView<'a, R>,
    ) -> (&'a mut NewestFirst<R::Key>, Slices<'a, R>) {
        assert!(
            self.version == view.version,
            "memory_table: a scan ends with the next change of the table",
        );
        let slices = Slices { view: *view, slices: &mut self.slices, direction: self.direction };
        (&mut self.merge, slices)
    }
}

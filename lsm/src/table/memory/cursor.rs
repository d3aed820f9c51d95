//! A cursor through all values of an immutable table, for compaction.
//!
//! - It visits keys in ascending order, and folds the versions of each key, so it returns each key
//!   at most once.
//! - Its counts are those of [`OldestFirst`]; `input` is the number of values in the table.
//! - It holds indices and records, and borrows nothing between two calls; each call takes the
//!   table.
//! - Only the constructor allocates.

use super::slices::{Slice, Slices, ready_key, ready_record};
use super::{ImmutableTable, InvalidMemoryTable, MemoryTableOptions, MemoryView};
use crate::collections::Direction;
use crate::merge::{MergeCounts, OldestFirst};
use crate::record::Record;

/// A cursor through all values of an immutable table; see the [module](super).
#[derive(Debug)]
pub struct MemoryCursor<R: Record> {
    merge: OldestFirst<R>,
    /// Oldest first.
    slices: Vec<Slice>,
    version: u64,
}

impl<R: Record> MemoryCursor<R> {
    /// An empty cursor for tables with these options. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`MemoryTableOptions::validate`] refuses the options.
    pub fn new(options: &MemoryTableOptions) -> Result<Self, InvalidMemoryTable> {
        options.validate()?;
        let run_count_max = options.run_count_max() as usize;
        Ok(Self {
            merge: OldestFirst::new(run_count_max),
            slices: Vec::with_capacity(run_count_max),
            version: 0,
        })
    }

    /// Starts again at the first key of this table.
    pub fn start(&mut self, table: &ImmutableTable<R>) {
        let view = table.view();
        self.merge.start(Direction::Ascending, u64::from(view.len()));
        self.version = view.version;
        self.slices.clear();
        self.slices.extend((0..view.runs.len()).map(|run| Slice::run(&view, run)));
    }

    /// The key of the record that [`MemoryCursor::pop`] returns next. `None` at the end, when all
    /// counts are final.
    ///
    /// # Panics
    ///
    /// If the table has changed since the start, or if in a secondary index a key was put twice or
    /// removed twice in succession.
    #[inline]
    pub fn peek(&mut self, table: &ImmutableTable<R>) -> Option<R::Key> {
        let (merge, mut slices) = self.parts(table.view());
        ready_key(merge.peek(&mut slices))
    }

    /// The next record: the result of folding the versions of a key. Skips keys whose versions all
    /// cancel each other. `None` at the end.
    ///
    /// # Panics
    ///
    /// The same as [`MemoryCursor::peek`].
    #[inline]
    pub fn pop(&mut self, table: &ImmutableTable<R>) -> Option<R> {
        let (merge, mut slices) = self.parts(table.view());
        ready_record(merge.pop(&mut slices))
    }

    /// The counts of the values since the start.
    #[must_use]
    #[inline]
    pub fn counts(&self) -> &MergeCounts {
        self.merge.counts()
    }

    #[inline]
    fn parts<'a>(&'a mut self, view: MemoryView<'a, R>) -> (&'a mut OldestFirst<R>, Slices<'a, R>) {
        assert!(
            self.version == view.version,
            "memory_table: a cursor ends with the next change of the table",
        );
        let slices = Slices { view, slices: &mut self.slices, direction: Direction::Ascending };
        (&mut self.merge, slices)
    }
}

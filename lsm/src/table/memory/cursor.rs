//! A way through all values of an immutable table, for compaction.
//!
//! - Ascending, versions of one key folded: each key at most once.
//! - `input` is the number of values in the table; what becomes of them counts as [`OldestFirst`] has it.
//! - It holds numbers and records and borrows nothing between two calls; the table is given to each.
//! - No call allocates but the constructor.
//!
//! What this does not do: it flushes nothing.

use super::slices::{Slice, Slices};
use super::{ImmutableTable, InvalidMemoryTable, MemoryTableOptions, MemoryView};
use crate::collections::Direction;
use crate::merge::{MergeCounts, OldestFirst, Popped, StreamHead};
use crate::record::Record;

/// A way through all values of an immutable table; see the [module](super).
#[derive(Debug)]
pub struct MemoryCursor<R: Record> {
    merge: OldestFirst<R>,
    /// Oldest first.
    slices: Vec<Slice>,
    version: u64,
}

impl<R: Record> MemoryCursor<R> {
    /// A cursor over nothing yet, of tables with these options. All memory is allocated here.
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

    /// Begins anew, with the first key.
    pub fn start(&mut self, table: &ImmutableTable<R>) {
        let view = table.view();
        self.merge.start(Direction::Ascending, u64::from(view.len()));
        self.version = view.version;
        self.slices.clear();
        self.slices.extend((0..view.runs.len()).map(|run| Slice::run(&view, run)));
    }

    /// The key of what [`MemoryCursor::pop`] gives next. `None`: there is nothing any more, and all counts are
    /// final.
    ///
    /// # Panics
    ///
    /// If the table has changed since the start, or breaks the promise of a secondary index.
    #[inline]
    pub fn peek(&mut self, table: &ImmutableTable<R>) -> Option<R::Key> {
        let (merge, mut slices) = self.parts(table.view());
        match merge.peek(&mut slices) {
            StreamHead::Key(key) => Some(key),
            StreamHead::Ended => None,
            StreamHead::NotReady => unreachable!("memory_table: what is in memory is ready"),
        }
    }

    /// What is left of the versions of the next key of which anything is left. `None`: there is nothing any more.
    ///
    /// # Panics
    ///
    /// As [`MemoryCursor::peek`].
    #[inline]
    pub fn pop(&mut self, table: &ImmutableTable<R>) -> Option<R> {
        let (merge, mut slices) = self.parts(table.view());
        match merge.pop(&mut slices) {
            Popped::Record(record) => Some(record),
            Popped::Ended => None,
            Popped::NotReady => unreachable!("memory_table: what is in memory is ready"),
        }
    }

    /// What became of the values since the start.
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

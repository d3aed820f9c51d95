//! The immutable table: it holds the records that are flushed next.
//!
//! ```text
//! swap           if flushed: takes the contents of the mutable table, which is empty then
//! absorb         if not flushed: merges its runs into one, then appends those of the mutable table
//! mark_flushed   the contents are on disk, and can still be read
//! ```
//!
//! - An empty table is treated as flushed.
//! - After the table has absorbed puts, `is_absorbed` is true until the flush: the table has puts
//!   of more than one bar.
//! - All values are in runs.

use super::contents::Contents;
use super::fold::fold_ordered;
use super::order::Order;
use super::runs::RunOrigin;
use super::{
    ImmutableStatistics, InvalidMemoryTable, MemoryTableOptions, MemoryView, MutableTable,
};
use crate::check::verify;
use crate::manifest::KeyRange;
use crate::record::Record;

/// The immutable table; see the [module](super).
#[derive(Debug)]
pub struct ImmutableTable<R: Record> {
    options: MemoryTableOptions,
    contents: Contents<R>,
    is_flushed: bool,
    is_absorbed: bool,
    snapshot_min: u64,
    /// Rises with each change of the contents, so that readers notice a change.
    version: u64,
    statistics: ImmutableStatistics,
}

impl<R: Record> ImmutableTable<R> {
    /// An empty table. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`MemoryTableOptions::validate`] refuses the options.
    pub fn new(options: MemoryTableOptions) -> Result<Self, InvalidMemoryTable> {
        options.validate()?;
        Ok(Self {
            options,
            contents: Contents::new(&options),
            is_flushed: true,
            is_absorbed: false,
            snapshot_min: 0,
            version: 0,
            statistics: ImmutableStatistics::default(),
        })
    }

    /// Resets the table, without allocating.
    pub fn reset(&mut self) {
        let Self {
            options: _,
            contents,
            is_flushed,
            is_absorbed,
            snapshot_min,
            version,
            statistics,
        } = self;
        contents.clear();
        *is_flushed = true;
        *is_absorbed = false;
        *snapshot_min = 0;
        *version += 1;
        *statistics = ImmutableStatistics::default();
    }

    /// Replaces the contents of this table by those of the mutable table, which is then empty.
    /// Snapshots before `snapshot_min` do not see them. Takes constant time.
    ///
    /// # Panics
    ///
    /// If this table is not flushed, if the mutable table has a tail or an open scope, or if the
    /// two have different options.
    pub fn swap(&mut self, mutable: &mut MutableTable<R>, snapshot_min: u64) {
        self.assert_alike(mutable);
        mutable.assert_bar_can_end();
        assert!(self.is_flushed, "memory_table: an unflushed table must absorb, not swap");
        let (contents, _) = mutable.parts();
        std::mem::swap(&mut self.contents, contents);
        contents.clear();
        self.is_flushed = self.contents.len() == 0;
        self.is_absorbed = false;
        self.snapshot_min = snapshot_min;
        self.version += 1;
        self.statistics.swaps += 1;
        verify!(self.verify());
    }

    /// Appends the contents of the mutable table, which is then empty. Before this, the contents of
    /// this table become one run: sorted, with the records of a key [folded](crate::merge::fold).
    /// Snapshots before `snapshot_min` see none of these contents. If the mutable table is empty,
    /// nothing changes.
    ///
    /// # Panics
    ///
    /// If this table is flushed, if the values of both tables do not fit, if the mutable table has
    /// a tail or an open scope, if the two have different options, or if in a secondary index a key
    /// was put twice or removed twice in succession.
    pub fn absorb(&mut self, mutable: &mut MutableTable<R>, snapshot_min: u64) {
        self.assert_alike(mutable);
        mutable.assert_bar_can_end();
        assert!(!self.is_flushed, "memory_table: a flushed table must swap, not absorb");
        assert!(
            self.len() + mutable.len() <= self.options.value_count_max,
            "memory_table: absorbed values must fit ({} and {} of {})",
            self.len(),
            mutable.len(),
            self.options.value_count_max,
        );
        self.statistics.absorbs += 1;
        if mutable.is_empty() {
            self.statistics.absorbs_empty += 1;
            return;
        }
        let (younger, order) = mutable.parts();
        self.collapse(order);
        self.contents.values.extend_from_slice(&younger.values);
        self.contents.runs.append(&younger.runs);
        self.contents.index.extend(&self.contents.values);
        younger.clear();
        self.is_absorbed = true;
        self.snapshot_min = snapshot_min;
        self.version += 1;
        verify!(self.verify());
    }

    /// Records that the contents are on disk.
    ///
    /// # Panics
    ///
    /// If the table is flushed already, or empty.
    pub fn mark_flushed(&mut self) {
        assert!(!self.is_flushed, "memory_table: a flushed table must not be flushed again");
        self.is_flushed = true;
        self.is_absorbed = false;
        self.statistics.flushes += 1;
    }

    /// Whether the contents are on disk. Also true for an empty table.
    #[must_use]
    #[inline]
    pub fn is_flushed(&self) -> bool {
        self.is_flushed
    }

    /// Whether the table has unflushed puts of more than one bar.
    #[must_use]
    #[inline]
    pub fn is_absorbed(&self) -> bool {
        self.is_absorbed
    }

    /// The first snapshot that sees the contents.
    #[must_use]
    #[inline]
    pub fn snapshot_min(&self) -> u64 {
        self.snapshot_min
    }

    /// The newest version of this key, which may be a tombstone; see [`MemoryView::get`].
    #[must_use]
    #[inline]
    pub fn get(&self, key: R::Key) -> Option<&R> {
        self.view().get(key)
    }

    /// The view for readers.
    #[must_use]
    #[inline]
    pub fn view(&self) -> MemoryView<'_, R> {
        MemoryView {
            values: &self.contents.values,
            runs: self.contents.runs.as_slice(),
            positions: &[],
            piece_ends: &[],
            index: &self.contents.index,
            version: self.version,
        }
    }

    /// The range from the smallest to the largest key; see [`MemoryView::key_range`].
    #[must_use]
    pub fn key_range(&self) -> Option<KeyRange<R::Key>> {
        self.view().key_range()
    }

    /// The number of values. Each version of a key counts.
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.contents.len()
    }

    /// Whether there are no values.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The maximum number of values that the table can hold.
    #[must_use]
    #[inline]
    pub fn capacity(&self) -> u32 {
        self.options.value_count_max
    }

    /// The counters since construction or the last reset.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> &ImmutableStatistics {
        &self.statistics
    }

    /// Checks all invariants. Takes time proportional to the number of values.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        self.contents.verify();
        assert!(
            self.contents.is_in_runs(),
            "memory_table: all values of an immutable table must be in runs",
        );
        assert!(
            self.is_flushed || !self.is_empty(),
            "memory_table: an empty table must count as flushed",
        );
        assert!(
            !self.is_flushed || !self.is_absorbed,
            "memory_table: a table must count as absorbed until it is flushed",
        );
    }

    /// Merges all runs into one.
    fn collapse(&mut self, order: &mut Order) {
        let Contents { values, runs, index } = &mut self.contents;
        if runs.as_slice().len() > 1 {
            index.clear();
            order.adopt(runs.as_slice().iter().map(|run| run.end));
            let counts = fold_ordered(values, 0, order);
            self.statistics.duplicates_dropped += counts.duplicates_dropped;
            self.statistics.pairs_annihilated += counts.pairs_annihilated;
            self.statistics.collapses += 1;
        }
        runs.clear();
        if values.is_empty() {
            self.statistics.collapses_annihilated += 1;
        } else {
            runs.push(values.len() as u32, RunOrigin::Immutable);
        }
    }

    fn assert_alike(&self, mutable: &MutableTable<R>) {
        assert!(
            self.options == *mutable.options(),
            "memory_table: both tables of a tree must be built from the same options",
        );
    }
}

//! The mutable table: it takes the puts of a bar.
//!
//! ```text
//! put --(key above the last run, and no tail)--> extends the last run
//!     --(otherwise)----------------------------> goes to the tail
//! end_beat: the tail, sorted and folded, becomes a run
//! ```
//!
//! - A scope remembers the lengths at its start. Only puts are allowed in a scope, so discarding it
//!   shortens the table to these lengths.
//! - At the end of a bar the immutable table takes the contents, and this table is empty.

use super::contents::Contents;
use super::fold::fold_ordered;
use super::order::{Mark, Order};
use super::runs::RunOrigin;
use super::{InvalidMemoryTable, MemoryTableOptions, MemoryView, MutableStatistics};
use crate::check::verify;
use crate::collections::ScopeOutcome;
use crate::manifest::KeyRange;
use crate::record::{Record, assert_record_layout};

/// The mutable table; see the [module](super).
#[derive(Debug)]
pub struct MutableTable<R: Record> {
    options: MemoryTableOptions,
    contents: Contents<R>,
    /// The order of the values after the runs.
    order: Order,
    scope: Option<ScopeStart>,
    version: u64,
    statistics: MutableStatistics,
}

/// The lengths when a scope was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ScopeStart {
    value_count: u32,
    runs_end: u32,
    mark: Mark,
}

impl<R: Record> MutableTable<R> {
    /// An empty table. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// If [`MemoryTableOptions::validate`] refuses the options.
    pub fn new(options: MemoryTableOptions) -> Result<Self, InvalidMemoryTable> {
        const { assert_record_layout::<R>() };
        options.validate()?;
        Ok(Self {
            options,
            contents: Contents::new(&options),
            order: Order::new(&options),
            scope: None,
            version: 0,
            statistics: MutableStatistics::default(),
        })
    }

    /// Resets the table, without allocating. An open scope is dropped.
    pub fn reset(&mut self) {
        let Self { options: _, contents, order, scope, version, statistics } = self;
        contents.clear();
        order.reset();
        *scope = None;
        *version += 1;
        *statistics = MutableStatistics::default();
    }

    /// Adds a record, newer than all others.
    ///
    /// # Panics
    ///
    /// If the table is full.
    #[inline]
    pub fn put(&mut self, record: &R) {
        let position = self.len();
        assert!(
            position < self.options.value_count_max,
            "memory_table: the table is full (value_count_max {})",
            self.options.value_count_max,
        );
        let is_ascending =
            self.contents.values.last().is_some_and(|last| last.key() < record.key());
        self.contents.values.push(*record);
        if is_ascending && self.contents.runs.end() == position && position > 0 {
            self.contents.runs.extend_last();
            self.statistics.runs_extended += 1;
        } else {
            self.order.insert(&self.contents.values, position);
            self.statistics.tail_puts += 1;
        }
        self.version += 1;
    }

    /// Makes the tail a run: sorted, with the records of a key [folded](crate::merge::fold).
    /// Without a tail, nothing changes.
    ///
    /// # Panics
    ///
    /// If a scope is open, if the table already has [`MemoryTableOptions::run_count_max`] runs, or
    /// if in a secondary index the tail puts or removes a key twice in succession.
    pub fn end_beat(&mut self) {
        assert!(self.scope.is_none(), "memory_table: close the scope before the end of a beat");
        if self.contents.is_in_runs() {
            return;
        }
        // Before folding, because folding drops some of the values that this checks.
        verify!(self.verify());
        let start = self.contents.runs.end();
        let counts = fold_ordered(&mut self.contents.values, start, &mut self.order);
        self.statistics.duplicates_dropped += counts.duplicates_dropped;
        self.statistics.pairs_annihilated += counts.pairs_annihilated;
        if self.len() > start {
            self.contents.runs.push(self.len(), RunOrigin::Mutable);
            self.contents.index.extend(&self.contents.values);
            self.statistics.runs_added += 1;
        } else {
            self.statistics.tails_annihilated += 1;
        }
        self.version += 1;
        verify!(self.verify());
    }

    /// Opens a scope: from now on puts can be discarded.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        assert!(self.scope.is_none(), "memory_table: a scope is open already: scopes do not nest");
        self.scope = Some(ScopeStart {
            value_count: self.len(),
            runs_end: self.contents.runs.end(),
            mark: self.order.freeze(),
        });
    }

    /// Closes the scope, and persists or discards its puts.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, outcome: ScopeOutcome) {
        let Some(scope) = self.scope.take() else {
            panic!("memory_table: there is no open scope to close");
        };
        assert!(
            scope.value_count <= self.len(),
            "memory_table: a scope must only add values ({scope:?}, {})",
            self.len(),
        );
        match outcome {
            ScopeOutcome::Persist => {
                self.order.thaw(&self.contents.values);
                self.statistics.scopes_persisted += 1;
            }
            ScopeOutcome::Discard => {
                self.statistics.scopes_discarded += 1;
                self.statistics.puts_discarded += u64::from(self.len() - scope.value_count);
                self.contents.values.truncate(scope.value_count as usize);
                self.contents.runs.shorten_last(scope.runs_end);
                self.order.truncate(scope.mark);
            }
        }
        self.version += 1;
        verify!(self.verify());
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
            positions: self.order.positions(),
            piece_ends: self.order.ends(),
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

    /// The sizes of the table.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &MemoryTableOptions {
        &self.options
    }

    /// Whether all values are in runs.
    #[must_use]
    #[inline]
    pub fn is_in_runs(&self) -> bool {
        self.contents.is_in_runs()
    }

    /// Whether a scope is open.
    #[must_use]
    #[inline]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_some()
    }

    /// The counters since construction or the latest reset.
    #[must_use]
    pub fn statistics(&self) -> MutableStatistics {
        let merges = self.order.merges();
        MutableStatistics {
            pieces_joined: merges.joined,
            pieces_merged: merges.merged,
            ..self.statistics
        }
    }

    /// Checks all invariants. Takes time proportional to the number of values.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        self.contents.verify();
        self.order.verify(&self.contents.values, self.contents.runs.end());
        if let Some(scope) = &self.scope {
            assert!(
                scope.value_count <= self.len() && scope.runs_end <= self.contents.runs.end(),
                "memory_table: a scope must only add values ({scope:?})",
            );
        }
    }

    /// Asserts that the bar can end, so that the contents may be taken.
    pub(super) fn assert_bar_can_end(&self) {
        assert!(self.scope.is_none(), "memory_table: close the scope before the end of a bar");
        assert!(self.is_in_runs(), "memory_table: end the beat before the bar");
    }

    /// The contents, for the immutable table to take, and an empty order.
    pub(super) fn parts(&mut self) -> (&mut Contents<R>, &mut Order) {
        self.version += 1;
        (&mut self.contents, &mut self.order)
    }
}

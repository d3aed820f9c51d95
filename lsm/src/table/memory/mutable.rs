//! The table that a bar's puts go to.
//!
//! ```text
//! put --(above the last run, and no tail)--> the last run is longer
//!     --(otherwise)------------------------> the tail
//! end_beat: the tail, sorted and folded, is a run of its own
//! ```
//!
//! - A scope remembers how much there was; only puts happen in it, and taking them back costs what they did.
//!
//! What this does not do: it is emptied by nothing but a reset and by the immutable table that takes what it
//! holds.

use super::contents::Contents;
use super::fold::fold_ordered;
use super::order::{Mark, Order};
use super::runs::RunOrigin;
use super::{InvalidMemoryTable, MemoryTableOptions, MemoryView, MutableStatistics};
use crate::check::verify;
use crate::collections::ScopeOutcome;
use crate::manifest::KeyRange;
use crate::record::{Record, assert_record_layout};

/// The table that a bar's puts go to; see the [module](super).
#[derive(Debug)]
pub struct MutableTable<R: Record> {
    options: MemoryTableOptions,
    contents: Contents<R>,
    /// Of the values behind the runs.
    order: Order,
    scope: Option<Scope>,
    version: u64,
    statistics: MutableStatistics,
}

/// How much there was when the scope was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scope {
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

    /// Makes the table as new, without allocating. An open scope is dropped.
    pub fn reset(&mut self) {
        let Self { options: _, contents, order, scope, version, statistics } = self;
        contents.clear();
        order.reset();
        *scope = None;
        *version += 1;
        *statistics = MutableStatistics::default();
    }

    /// Adds a record, newer than all that there are.
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

    /// Makes the tail a run: sorted, with its records of one key [folded](crate::merge::fold). Nothing happens
    /// if there is no tail.
    ///
    /// # Panics
    ///
    /// If a scope is open, there are as many runs as the bar has beats already, or the tail breaks the promise of
    /// a secondary index.
    pub fn end_beat(&mut self) {
        assert!(self.scope.is_none(), "memory_table: close the scope before the end of a beat");
        if self.contents.is_in_runs() {
            return;
        }
        // What is folded could not be checked any more.
        verify!(self.verify());
        let start = self.contents.runs.end();
        let counts = fold_ordered(&mut self.contents.values, start, &mut self.order);
        self.statistics.duplicates_dropped += counts.duplicates_dropped;
        self.statistics.pairs_annihilated += counts.pairs_annihilated;
        if self.len() > start {
            self.contents.runs.push(self.len(), RunOrigin::Mutable);
            self.statistics.runs_added += 1;
        } else {
            self.statistics.tails_annihilated += 1;
        }
        self.version += 1;
        verify!(self.verify());
    }

    /// Opens a scope: from now on puts can be taken back.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        assert!(self.scope.is_none(), "memory_table: a scope is open already: scopes do not nest");
        self.scope = Some(Scope {
            value_count: self.len(),
            runs_end: self.contents.runs.end(),
            mark: self.order.freeze(),
        });
    }

    /// Closes the scope, and keeps or takes back its puts.
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

    /// What readers see.
    #[must_use]
    #[inline]
    pub fn view(&self) -> MemoryView<'_, R> {
        MemoryView {
            values: &self.contents.values,
            runs: self.contents.runs.as_slice(),
            positions: self.order.positions(),
            piece_ends: self.order.ends(),
            version: self.version,
        }
    }

    /// From the smallest to the largest key; see [`MemoryView::key_range`].
    #[must_use]
    pub fn key_range(&self) -> Option<KeyRange<R::Key>> {
        self.view().key_range()
    }

    /// The values: versions of a key count each.
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

    /// The most values.
    #[must_use]
    #[inline]
    pub fn capacity(&self) -> u32 {
        self.options.value_count_max
    }

    /// The sizes.
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

    /// What happened since construction or the latest reset.
    #[must_use]
    pub fn statistics(&self) -> MutableStatistics {
        let merges = self.order.merges();
        MutableStatistics {
            pieces_joined: merges.joined,
            pieces_merged: merges.merged,
            ..self.statistics
        }
    }

    /// Checks all invariants. Takes time in proportion to the values.
    ///
    /// # Panics
    ///
    /// If one is broken; the message says which.
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

    /// Who takes the contents asks for this first.
    pub(super) fn assert_bar_can_end(&self) {
        assert!(self.scope.is_none(), "memory_table: close the scope before the end of a bar");
        assert!(self.is_in_runs(), "memory_table: end the beat before the bar");
    }

    /// The contents, to be taken, and an order that is empty.
    pub(super) fn parts(&mut self) -> (&mut Contents<R>, &mut Order) {
        self.version += 1;
        (&mut self.contents, &mut self.order)
    }
}

//! The model of the mutable and the immutable table of a tree: the put values, ordered by age, as
//! sorted runs and a tail.
//!
//! ```text
//! a run    strictly ascending
//! the tail the values put since the last beat, in order, unless they extended the last run
//! ```
//!
//! A tail is sorted only when its beat ends; lookups and scans search all of it.

use std::collections::HashSet;

use super::{Counts, Run, Table};
use crate::fold::fold;
use crate::mutation::{Mutation, is_on};
use downbeat_input::version::{Usage, Version};

/// Which of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The table that is written to.
    Mutable,
    /// The table that waits to be flushed.
    Immutable,
}

impl Side {
    /// Both tables.
    pub const BOTH: [Side; 2] = [Side::Mutable, Side::Immutable];
}

/// The mutable and the immutable table of a tree.
#[derive(Clone, Debug)]
pub struct Tables {
    usage: Usage,
    mutable: Table,
    immutable: Table,
    /// Whether all of the immutable table is on disk.
    pub is_flushed: bool,
    /// Whether the immutable table has the values of several bars.
    pub is_absorbed: bool,
    /// The first snapshot that sees the immutable table.
    pub snapshot_min: u64,
    /// The counts of both tables.
    pub counts: Counts,
    /// In an index, the keys that are present, in a table or on disk.
    present: HashSet<u64>,
    scope: Option<Scope>,
}

/// The lengths of the last run and the tail when a scope was opened.
#[derive(Clone, Copy, Debug)]
struct Scope {
    last_run: usize,
    tail: usize,
}

impl Tables {
    /// Empty tables.
    #[must_use]
    pub fn new(usage: Usage) -> Self {
        Tables {
            usage,
            mutable: Table::default(),
            immutable: Table::default(),
            is_flushed: true,
            is_absorbed: false,
            snapshot_min: 0,
            counts: Counts::default(),
            present: HashSet::new(),
            scope: None,
        }
    }

    /// Resets to empty tables with this usage.
    pub fn reset(&mut self, usage: Usage) {
        let Tables {
            usage: own_usage,
            mutable,
            immutable,
            is_flushed,
            is_absorbed,
            snapshot_min,
            counts,
            present,
            scope,
        } = self;
        *own_usage = usage;
        mutable.clear();
        immutable.clear();
        *is_flushed = true;
        *is_absorbed = false;
        *snapshot_min = 0;
        *counts = Counts::default();
        present.clear();
        *scope = None;
    }

    /// One of the tables.
    #[must_use]
    pub fn table(&self, side: Side) -> &Table {
        match side {
            Side::Mutable => &self.mutable,
            Side::Immutable => &self.immutable,
        }
    }

    /// The usage of the tree.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Whether an index has this key, in any table or on disk.
    #[must_use]
    pub fn is_present(&self, key: u64) -> bool {
        self.present.contains(&key)
    }

    /// Whether a scope is open.
    #[must_use]
    pub fn scope_is_open(&self) -> bool {
        self.scope.is_some()
    }

    /// How many values the open scope has put into the tail, and how many into the last run.
    #[must_use]
    pub fn scope_puts(&self) -> (usize, usize) {
        let Table { runs, tail } = &self.mutable;
        let last_run = runs.last().map_or(0, |run| run.versions.len());
        let puts = |scope: Scope| (tail.len() - scope.tail, last_run - scope.last_run);
        self.scope.map_or((0, 0), puts)
    }

    /// Puts a version. It extends the last run if the tail is empty and the run ends below it;
    /// otherwise it goes to the tail.
    pub fn put(&mut self, version: Version) {
        let Table { runs, tail } = &mut self.mutable;
        let below = |run: &&mut Run| run.versions.last().is_some_and(|last| last.key < version.key);
        match runs.last_mut().filter(below).filter(|_| tail.is_empty()) {
            Some(run) => {
                run.versions.push(version);
                self.counts.runs_extended += 1;
            }
            None => {
                tail.push(version);
                self.counts.tail_puts += 1;
            }
        }
        self.toggle(version.key);
    }

    /// Ends a beat: makes the tail a run.
    pub fn end_beat(&mut self) {
        let Table { runs, tail } = &mut self.mutable;
        if tail.is_empty() {
            return;
        }
        let folded = fold(tail.drain(..), self.usage, false);
        let versions: Vec<Version> = folded.left.iter().map(|left| left.version).collect();
        match self.usage {
            Usage::General => self.counts.tail_duplicates += folded.dropped,
            Usage::Index => self.counts.tail_pairs += folded.dropped / 2,
        }
        if versions.is_empty() {
            self.counts.tails_annihilated += 1;
        } else {
            self.counts.runs_added += 1;
            runs.push(Run { versions, absorbing: false });
        }
    }

    /// Opens a scope.
    pub fn open_scope(&mut self) {
        let Table { runs, tail } = &self.mutable;
        let last_run = runs.last().map_or(0, |run| run.versions.len());
        self.scope = Some(Scope { last_run, tail: tail.len() });
    }

    /// Closes the scope. Undoes its puts, unless `keep` is set.
    pub fn close_scope(&mut self, keep: bool) {
        let (in_tail, in_run) = self.scope_puts();
        let len = in_tail + in_run;
        let Some(scope) = self.scope.take() else { return };
        if keep {
            self.counts.scopes_persisted += 1;
            return;
        }
        self.counts.scopes_discarded += 1;
        self.counts.puts_discarded += len as u64;
        let undone: Vec<u64> =
            self.mutable.versions().rev().take(len).map(|version| version.key).collect();
        undone.into_iter().for_each(|key| self.toggle(key));
        let Table { runs, tail } = &mut self.mutable;
        if let Some(run) = runs.last_mut() {
            run.versions.truncate(scope.last_run);
        }
        let kept = if is_on(Mutation::TableMemoryKeepsAnUndonePut) { len.min(1) } else { 0 };
        tail.truncate(scope.tail + kept);
    }

    /// Ends a bar: the immutable table takes all runs of the mutable one, which must have no tail.
    /// If the immutable table is flushed, the runs replace its content. Otherwise its own runs are
    /// merged into one, and the taken runs are added after that one.
    pub fn end_bar(&mut self, snapshot_min: u64) {
        let taken = std::mem::take(&mut self.mutable.runs);
        if self.is_flushed {
            self.counts.swaps += 1;
            self.is_flushed = taken.is_empty();
            self.is_absorbed = false;
            self.snapshot_min = snapshot_min;
            self.immutable.runs = taken;
            return;
        }
        self.counts.absorbs += 1;
        if taken.is_empty() {
            self.counts.absorbs_empty += 1;
            return;
        }
        self.collapse();
        self.immutable.runs.extend(taken);
        self.is_absorbed = true;
        self.snapshot_min = snapshot_min;
    }

    /// Notes that all of the immutable table is on disk.
    pub fn flush(&mut self) {
        self.is_flushed = true;
        self.is_absorbed = false;
        self.counts.flushes += 1;
    }

    /// Merges all runs of the immutable table into one.
    fn collapse(&mut self) {
        let runs = &mut self.immutable.runs;
        if runs.len() == 1 {
            runs[0].absorbing = true;
            return;
        }
        self.counts.collapses += 1;
        let mut versions: Vec<Version> = runs.drain(..).flat_map(|run| run.versions).collect();
        if is_on(Mutation::TableMemoryAbsorbsNewestFirst) {
            versions.reverse();
        }
        let folded = fold(versions, self.usage, false);
        match self.usage {
            Usage::General => self.counts.collapse_duplicates += folded.dropped,
            Usage::Index => self.counts.collapse_pairs += folded.dropped / 2,
        }
        let versions: Vec<Version> = folded.left.iter().map(|left| left.version).collect();
        if versions.is_empty() {
            self.counts.collapses_annihilated += 1;
        } else {
            runs.push(Run { versions, absorbing: true });
        }
    }

    /// In an index, adds the key if it is absent, and removes it if it is present.
    fn toggle(&mut self, key: u64) {
        if self.usage == Usage::Index && !self.present.remove(&key) {
            self.present.insert(key);
        }
    }
}

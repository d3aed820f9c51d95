//! A memtable: runs and a tail.

use crate::fold::{Folded, fold};
use downbeat_input::version::{Usage, Version, rank};

/// Versions in the order of their keys, each key at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The versions.
    pub versions: Vec<Version>,
    /// Whether the run was the whole content of the immutable table when it absorbed another table.
    pub absorbing: bool,
}

/// One table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub(super) runs: Vec<Run>,
    pub(super) tail: Vec<Version>,
}

impl Table {
    /// The runs, the oldest first.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The versions that are in no run yet, the oldest first.
    #[must_use]
    pub fn tail(&self) -> &[Version] {
        &self.tail
    }

    /// How many values the table has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.versions.len()).sum::<usize>() + self.tail.len()
    }

    /// Whether the table has no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.tail.is_empty()
    }

    /// All values, the oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &Version> {
        self.runs.iter().flat_map(|run| &run.versions).chain(&self.tail)
    }

    /// The newest version of a key.
    #[must_use]
    pub fn get(&self, key: u64) -> Option<Version> {
        let in_tail = self.tail.iter().rfind(|version| version.key == key).copied();
        let in_run = |run: &Run| {
            let found = run.versions.binary_search_by_key(&key, |version| version.key);
            found.ok().map(|place| run.versions[place])
        };
        in_tail.or_else(|| self.runs.iter().rev().find_map(in_run))
    }

    /// The newest version of each key from `first` to `last`, both included, ascending or
    /// descending.
    #[must_use]
    pub fn newest(&self, first: u64, last: u64, descending: bool) -> Vec<Version> {
        let is_within = |version: &&Version| first <= version.key && version.key <= last;
        // The sort is stable and the newest comes first, so deduplication keeps the newest version
        // of each key.
        let mut newest: Vec<Version> = self.versions().rev().filter(is_within).copied().collect();
        newest.sort_by_key(|version| rank(version.key, descending));
        newest.dedup_by_key(|version| version.key);
        newest
    }

    /// The versions that are left after folding.
    #[must_use]
    pub fn folded(&self, usage: Usage) -> Folded {
        fold(self.versions().copied(), usage, false)
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
        self.tail.clear();
    }
}

//! The part of a memtable that the two memtables of a tree swap: its values, its runs, and the
//! index of the runs.
//!
//! Values after the last run, if any, are the tail of the mutable table.

use super::MemoryTableOptions;
use super::point_index::PointIndex;
use super::runs::Runs;
use crate::record::Record;

/// The values of a table, its runs, and the index of the runs.
#[derive(Debug)]
pub(super) struct Contents<R> {
    pub(super) values: Vec<R>,
    pub(super) runs: Runs,
    pub(super) index: PointIndex,
}

impl<R: Record> Contents<R> {
    pub(super) fn new(options: &MemoryTableOptions) -> Self {
        Self {
            values: Vec::with_capacity(options.value_count_max as usize),
            runs: Runs::new(options.run_count_max()),
            index: PointIndex::new(options),
        }
    }

    pub(super) fn clear(&mut self) {
        let Self { values, runs, index } = self;
        values.clear();
        runs.clear();
        index.clear();
    }

    #[inline]
    pub(super) fn len(&self) -> u32 {
        self.values.len() as u32
    }

    /// Whether all values are in runs.
    #[inline]
    pub(super) fn is_in_runs(&self) -> bool {
        self.runs.end() == self.len()
    }

    pub(super) fn verify(&self) {
        self.runs.verify();
        assert!(
            self.runs.end() <= self.len(),
            "memory_table: runs must not extend beyond the values",
        );
        // The values that extended the last run are not indexed yet.
        let last = self.runs.as_slice().last().map_or(0, |run| run.start);
        assert!(
            (last..=self.runs.end()).contains(&self.index.end()),
            "memory_table: all runs but the last must be indexed ({})",
            self.index.end(),
        );
        self.index.verify(&self.values);
        for run in self.runs.as_slice() {
            let values = &self.values[run.start as usize..run.end as usize];
            assert!(
                values.windows(2).all(|pair| pair[0].key() < pair[1].key()),
                "memory_table: a run must be strictly ascending ({run:?})",
            );
        }
    }
}

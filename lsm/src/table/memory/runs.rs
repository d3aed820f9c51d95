//! The runs of a table: its sorted ranges of values.
//!
//! - Runs follow each other without gaps from value 0 on, oldest first. No run is empty.
//! - At most one run comes from an immutable table, and it is the first.
//!
//! Whether the values of a run ascend is not checked here.

/// A range of values with strictly ascending keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The index of the first value.
    pub start: u32,
    /// One past the index of the last value.
    pub end: u32,
    /// The origin of the run.
    pub origin: RunOrigin,
}

/// The origin of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOrigin {
    /// The tail of a beat, and later puts that extended the run.
    Mutable,
    /// All runs of an immutable table, merged when it absorbed a mutable one.
    Immutable,
}

impl Run {
    /// The number of values, 1 or more.
    #[expect(clippy::len_without_is_empty, reason = "a run is never empty")]
    #[must_use]
    #[inline]
    pub fn len(&self) -> u32 {
        self.end - self.start
    }
}

/// The runs of a table.
#[derive(Debug)]
pub(super) struct Runs {
    runs: Vec<Run>,
    count_max: usize,
}

impl Runs {
    pub(super) fn new(count_max: u32) -> Self {
        let count_max = count_max as usize;
        Self { runs: Vec::with_capacity(count_max), count_max }
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
    }

    /// Appends a run from the end of the last run to the value before `end`.
    pub(super) fn push(&mut self, end: u32, origin: RunOrigin) {
        let start = self.end();
        assert!(start < end, "memory_table: a run must not be empty ({start}, {end})");
        assert!(
            self.runs.len() < self.count_max,
            "memory_table: there must be at most {} runs: swap the tables at the end of each bar",
            self.count_max,
        );
        assert!(
            origin == RunOrigin::Mutable || self.runs.is_empty(),
            "memory_table: the run of an immutable table must be the first",
        );
        self.runs.push(Run { start, end, origin });
    }

    /// Extends the last run by one value.
    #[inline]
    pub(super) fn extend_last(&mut self) {
        let Some(last) = self.runs.last_mut() else {
            panic!("memory_table: only a run can be extended, and there is none");
        };
        last.end += 1;
    }

    /// Shortens the last run, so that it ends before the value `end`.
    pub(super) fn shorten_last(&mut self, end: u32) {
        let Some(last) = self.runs.last_mut() else {
            assert!(
                end == 0,
                "memory_table: a table without runs can be shortened only to 0 ({end})"
            );
            return;
        };
        assert!(
            last.start < end && end <= last.end,
            "memory_table: a run must be shortened to a part of it ({end}, {last:?})",
        );
        last.end = end;
    }

    /// Appends the runs of younger values.
    pub(super) fn append(&mut self, younger: &Self) {
        let shift = self.end();
        for run in &younger.runs {
            self.push(shift + run.end, run.origin);
        }
    }

    /// One past the last value of the last run: the start of the tail.
    #[inline]
    pub(super) fn end(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.end)
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[Run] {
        &self.runs
    }

    pub(super) fn verify(&self) {
        let mut start = 0;
        for (index, run) in self.runs.iter().enumerate() {
            assert!(
                run.start == start,
                "memory_table: a run must start at the end of the previous run"
            );
            assert!(run.start < run.end, "memory_table: a run must not be empty");
            assert!(
                run.origin == RunOrigin::Mutable || index == 0,
                "memory_table: the run of an immutable table must be the first",
            );
            start = run.end;
        }
        assert!(
            self.runs.len() <= self.count_max,
            "memory_table: there must be at most {} runs",
            self.count_max,
        );
    }
}

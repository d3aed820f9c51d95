//! The runs of a table: which values lie in order.
//!
//! - Runs lie one behind the other, the first from value 0 on, and none is empty. Their order is that of age,
//!   oldest first.
//! - At most one run comes from an immutable table, and it is the first.
//!
//! What this does not do: it sees no value, and so does not know whether a run is sorted.

/// Values that lie in order, strictly ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The index of its first value.
    pub start: u32,
    /// One past the index of its last value.
    pub end: u32,
    /// How it came to be.
    pub origin: RunOrigin,
}

/// How a run came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOrigin {
    /// From puts, or from the tail of a beat.
    Mutable,
    /// From all runs of an immutable table, as it absorbed a mutable one.
    Immutable,
}

impl Run {
    /// The number of its values, 1 or more.
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

    /// Adds a run behind the others, up to this value.
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

    /// Makes the last run longer by a value.
    #[inline]
    pub(super) fn extend_last(&mut self) {
        let Some(last) = self.runs.last_mut() else {
            panic!("memory_table: only a run can be extended, and there is none");
        };
        last.end += 1;
    }

    /// Ends the last run at this value again.
    pub(super) fn shorten_last(&mut self, end: u32) {
        let Some(last) = self.runs.last_mut() else {
            assert!(end == 0, "memory_table: without runs they must end at 0 ({end})");
            return;
        };
        assert!(
            last.start < end && end <= last.end,
            "memory_table: a run must be shortened to a part of it ({end}, {last:?})",
        );
        last.end = end;
    }

    /// Adds the runs of younger values behind these.
    pub(super) fn append(&mut self, younger: &Self) {
        let shift = self.end();
        for run in &younger.runs {
            self.push(shift + run.end, run.origin);
        }
    }

    /// One past the last value of the last run: where the tail starts.
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
            assert!(run.start == start, "memory_table: runs must lie one behind the other");
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

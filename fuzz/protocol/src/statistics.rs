//! What a set of inputs does, counted: operations, events, failures.
//!
//! What it does not do: print, or decide what is enough.

use crate::failure::Failure;
use crate::tally::Tally;

/// Figures of a set of inputs.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Inputs run.
    pub inputs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sums over all runs.
    pub tally: Tally,
    /// Effective operations of each input, ascending.
    pub effective: Vec<u64>,
    /// The first input that failed, by its place among the inputs from 0, and how.
    pub failure: Option<(u64, Failure)>,
}

impl Statistics {
    /// Nothing was run.
    #[must_use]
    pub fn new() -> Self {
        Statistics { inputs: 0, bytes: 0, tally: Tally::ZERO, effective: Vec::new(), failure: None }
    }

    /// Counts a run of an input of `bytes` bytes that passed.
    pub fn add(&mut self, bytes: usize, tally: &Tally) {
        self.inputs += 1;
        self.bytes += bytes as u64;
        self.tally.add(tally);
        let effective = tally.effective();
        let place = self.effective.partition_point(|other| *other <= effective);
        self.effective.insert(place, effective);
    }

    /// Effective operations of an input, on average.
    #[must_use]
    pub fn effective_mean(&self) -> f64 {
        self.tally.effective() as f64 / self.inputs.max(1) as f64
    }

    /// Effective operations of the input in the middle.
    #[must_use]
    pub fn effective_median(&self) -> u64 {
        self.effective.get(self.effective.len() / 2).copied().unwrap_or(0)
    }

    /// Share of operations that were redirected, 0 to 1.
    #[must_use]
    pub fn redirected_share(&self) -> f64 {
        self.tally.redirected as f64 / self.tally.operations.max(1) as f64
    }

    /// Share of the reads that ask for one thing that found it, 0 to 1; `None` without such reads.
    #[must_use]
    pub fn hit_share(&self) -> Option<f64> {
        let Tally { reads, hits, .. } = self.tally;
        (reads > 0).then(|| hits as f64 / reads as f64)
    }
}

impl Default for Statistics {
    fn default() -> Self {
        Statistics::new()
    }
}

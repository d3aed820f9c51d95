//! Statistics of a set of inputs: operations, events, failures.
//!
//! [`crate::gate`] decides whether they are enough.

use crate::failure::Failure;
use crate::tally::Tally;

/// The figures of a set of inputs.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// The number of inputs that passed.
    pub inputs: u64,
    /// The total size of these inputs in bytes.
    pub bytes: u64,
    /// The sums over all runs.
    pub tally: Tally,
    /// The number of effective operations of each input, in ascending order.
    pub effective: Vec<u64>,
    /// The position of the first input that failed, counted from 0, and its failure.
    pub failure: Option<(u64, Failure)>,
}

impl Statistics {
    /// Creates the statistics of no run.
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

    /// Returns the mean number of effective operations of an input.
    #[must_use]
    pub fn effective_mean(&self) -> f64 {
        self.tally.effective() as f64 / self.inputs.max(1) as f64
    }

    /// Returns the median number of effective operations of an input; 0 without inputs. If the
    /// number of inputs is even, the median is the higher one of the two in the middle.
    #[must_use]
    pub fn effective_median(&self) -> u64 {
        self.effective.get(self.effective.len() / 2).copied().unwrap_or(0)
    }

    /// Returns the share of operations that were redirected, 0 to 1.
    #[must_use]
    pub fn redirected_share(&self) -> f64 {
        self.tally.redirected as f64 / self.tally.operations.max(1) as f64
    }

    /// Returns the share of reads of a single item that found it, 0 to 1; `None` without such
    /// reads.
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

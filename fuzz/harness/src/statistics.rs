//! What a set of inputs does, counted: operations, events, failures.
//!
//! What it does not do: print, or decide what is enough.

use crate::AnyTarget;
use crate::failure::Failure;
use crate::generator::Random;
use crate::model::dice::Dice;
use crate::run::Tally;

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
    pub failure: Option<(u64, Box<Failure>)>,
}

impl Statistics {
    /// Runs inputs of `target` and counts. Ends at the first failure.
    pub fn gather(target: &dyn AnyTarget, inputs: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut statistics = Statistics {
            inputs: 0,
            bytes: 0,
            tally: Tally::ZERO,
            effective: Vec::new(),
            failure: None,
        };
        let mut runner = target.runner();
        for input in inputs {
            let verdict = runner.judge(&input, false);
            if let Some(failure) = verdict.failure {
                statistics.failure = Some((statistics.inputs, failure));
                break;
            }
            statistics.inputs += 1;
            statistics.bytes += input.len() as u64;
            statistics.tally.add(verdict.run.tally());
            statistics.effective.push(verdict.run.tally().effective());
        }
        statistics.effective.sort_unstable();
        statistics
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

/// Inputs of evenly random bytes: `count` of them, `bytes` long each.
pub fn random_inputs(count: u64, bytes: usize, seed: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(move |number| {
        let mut random = Random::new(seed, number);
        (0..bytes).map(|_| random.next() as u8).collect()
    })
}

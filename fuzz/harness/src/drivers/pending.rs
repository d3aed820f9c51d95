//! The histogram of the last runs, which is shared from time to time.

use crate::Tally;
use crate::counters::Counters;
use crate::protocol::Histogram;

/// The histogram is shared after this many runs.
const RUNS: u32 = 64;

/// The histogram of the runs that were not shared yet.
pub(super) struct Pending {
    histogram: Histogram,
    runs: u32,
}

impl Pending {
    /// No runs.
    pub(super) const NOTHING: Pending = Pending { histogram: Histogram::ZERO, runs: 0 };

    /// Adds a run, and shares the histogram if it is time.
    pub(super) fn add(&mut self, tally: &Tally, counters: &mut Counters) {
        self.histogram.add(tally);
        self.runs += 1;
        if self.runs == RUNS {
            counters.add_histogram(&self.histogram);
            *self = Pending::NOTHING;
        }
    }
}

//! Histograms: how often runs applied each kind of operation, and how often each event happened.

use crate::tally::{EVENTS_MAX, KINDS_MAX, Tally};

/// Sums over runs, by the numbers of kinds and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Operations by the number of their kind.
    pub kinds: [u64; KINDS_MAX],
    /// Events by their number.
    pub events: [u64; EVENTS_MAX],
}

impl Histogram {
    /// The sums over no run.
    pub const ZERO: Histogram = Histogram { kinds: [0; KINDS_MAX], events: [0; EVENTS_MAX] };

    /// Adds a run.
    pub fn add(&mut self, tally: &Tally) {
        self.plus(&Histogram { kinds: tally.kinds, events: tally.events });
    }

    /// Adds the sums of `other`.
    pub fn plus(&mut self, other: &Histogram) {
        for (sum, count) in self.kinds.iter_mut().zip(other.kinds) {
            *sum += count;
        }
        for (sum, count) in self.events.iter_mut().zip(other.events) {
            *sum += count;
        }
    }
}

//! The figures of a run, or the sums over several runs.

use nanoserde::{DeJson, SerJson};

use crate::states::StateSet;

/// The maximum number of kinds of operations of a target.
pub const KINDS_MAX: usize = 32;

/// The maximum number of kinds of events of a target.
pub const EVENTS_MAX: usize = 96;

/// The figures of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Tally {
    /// Operations that were applied, including redirected operations.
    pub operations: u64,
    /// Operations that were impossible and became others.
    pub redirected: u64,
    /// Operations that had nothing to do.
    pub idle: u64,
    /// Calls on the system.
    pub steps: u64,
    /// Reads of a single item.
    pub reads: u64,
    /// Reads of a single item that found it.
    pub hits: u64,
    /// Operations by the number of their kind.
    pub kinds: [u64; KINDS_MAX],
    /// Events by their number.
    pub events: [u64; EVENTS_MAX],
    /// Buckets of states that were reached.
    pub states: StateSet,
}

impl Tally {
    /// The figures of no run.
    pub const ZERO: Tally = Tally {
        operations: 0,
        redirected: 0,
        idle: 0,
        steps: 0,
        reads: 0,
        hits: 0,
        kinds: [0; KINDS_MAX],
        events: [0; EVENTS_MAX],
        states: StateSet::EMPTY,
    };

    /// Returns the number of effective operations: neither redirected nor idle.
    #[must_use]
    pub fn effective(&self) -> u64 {
        self.operations - self.redirected - self.idle
    }

    /// Adds the figures of another run.
    pub fn add(&mut self, other: &Tally) {
        let Tally { operations, redirected, idle, steps, reads, hits, kinds, events, states } =
            other;
        self.operations += operations;
        self.redirected += redirected;
        self.idle += idle;
        self.steps += steps;
        self.reads += reads;
        self.hits += hits;
        self.states.unite(states);
        for (sum, count) in self.kinds.iter_mut().zip(kinds) {
            *sum += count;
        }
        for (sum, count) in self.events.iter_mut().zip(events) {
            *sum += count;
        }
    }
}

//! The figures of a run, or the sums over several.

use serde::{Deserialize, Serialize};

use crate::states::StateSet;

/// The most kinds of operations of a target.
pub const KINDS_MAX: usize = 32;

/// The most kinds of events that a target counts.
pub const EVENTS_MAX: usize = 64;

/// The figures of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Operations applied, the redirected ones included.
    pub operations: u64,
    /// Operations that were impossible and became others.
    pub redirected: u64,
    /// Operations that had nothing to do.
    pub idle: u64,
    /// Calls on the system.
    pub steps: u64,
    /// Reads that ask for one thing.
    pub reads: u64,
    /// Those of them that found it.
    pub hits: u64,
    /// Operations by number of kind.
    pub kinds: [u64; KINDS_MAX],
    /// Events by number.
    #[serde(with = "array")]
    pub events: [u64; EVENTS_MAX],
    /// Buckets of states that were seen.
    pub states: StateSet,
}

impl Tally {
    /// Nothing happened.
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

    /// Operations that did what they say.
    #[must_use]
    pub fn effective(&self) -> u64 {
        self.operations - self.redirected - self.idle
    }

    /// Adds another run's figures.
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

/// An array of more elements than serde knows, as a list.
mod array {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::EVENTS_MAX;

    pub(super) fn serialize<S: Serializer>(
        array: &[u64; EVENTS_MAX],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        array.as_slice().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u64; EVENTS_MAX], D::Error> {
        let list = Vec::deserialize(deserializer)?;
        list.try_into().map_err(|_| D::Error::custom("another number of events"))
    }
}

//! Pairs: which answers a run combined.
//!
//! A state answers one question about the system. A pair answers two at once: for example, which
//! operation came after which on the same key, or which event happened while a scan was open. Pairs
//! are coverage for libFuzzer only. Unlike states, no corpus must reach them, because most inputs
//! that reach a new pair would be kept for nothing else.
//!
//! The places of the pairs of a target follow from the numbers of its operations, its events and
//! the answers about its phase ([`PairShape`]). Nothing else counts them.

use nanoserde::{DeJson, SerJson};

/// The number of counters of pairs. Pairs with the same place modulo this number share a counter.
pub const PAIRS_MAX: usize = 1 << 14;

/// How many operations, events and answers a target has. Determines the places of its pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SerJson, DeJson)]
pub struct PairShape {
    /// The kinds of operations: the greatest number, and 1.
    pub kinds: usize,
    /// The events.
    pub events: usize,
    /// The answers to all questions about the phase.
    pub phases: usize,
}

impl PairShape {
    /// Returns the number of pairs.
    #[must_use]
    pub const fn count(self) -> usize {
        self.phase_and_event(self.phases, 0)
    }

    /// Returns the place of the pair of an operation and the next.
    #[inline]
    #[must_use]
    pub const fn order(self, before: usize, kind: usize) -> usize {
        before * self.kinds + kind
    }

    /// Returns the place of the pair of an operation and the next on the same key.
    #[inline]
    #[must_use]
    pub const fn on_key(self, before: usize, kind: usize) -> usize {
        self.order(self.kinds, 0) + before * self.kinds + kind
    }

    /// Returns the place of the pair of an answer about the phase and an operation in this phase.
    #[inline]
    #[must_use]
    pub const fn phase(self, phase: usize, kind: usize) -> usize {
        self.on_key(self.kinds, 0) + phase * self.kinds + kind
    }

    /// Returns the place of the pair of an answer about the phase and an event in this phase.
    #[inline]
    #[must_use]
    pub const fn phase_and_event(self, phase: usize, event: usize) -> usize {
        self.phase(self.phases, 0) + phase * self.events + event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pairs_have_the_same_place() {
        let shape = PairShape { kinds: 3, events: 2, phases: 4 };
        let mut places = Vec::new();
        for kind in 0..3 {
            places.extend((0..3).flat_map(|it| [shape.order(it, kind), shape.on_key(it, kind)]));
            places.extend((0..4).map(|phase| shape.phase(phase, kind)));
        }
        let events = |phase| (0..2).map(move |event| shape.phase_and_event(phase, event));
        places.extend((0..4).flat_map(events));
        places.sort_unstable();
        assert_eq!(places, (0..shape.count()).collect::<Vec<_>>());
    }
}

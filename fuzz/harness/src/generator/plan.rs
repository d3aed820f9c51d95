//! The plan of a stream of operations: phases that repeat in a cycle.
//!
//! Invariant: a phase ends after a number of operations, whatever the target. If the target has no
//! operation of the phase's families, the phase uses kind 0, which builds state.

use super::{Random, weighted};
use crate::input::dice::KeyProfile;
use crate::input::encoding::{Family, Key, Kind};

/// The relative weights of the families. Within a family, kinds keep their own weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Families {
    pub(super) write: u32,
    pub(super) read: u32,
    pub(super) remove: u32,
    pub(super) run: u32,
    pub(super) scope: u32,
    pub(super) structure: u32,
}

impl Families {
    fn weight(&self, kind: &Kind) -> u32 {
        let family = match kind.family {
            Family::Write => self.write,
            Family::Read => self.read,
            Family::Remove => self.remove,
            Family::Run => self.run,
            Family::Scope => self.scope,
            Family::Structure => self.structure,
        };
        family * u32::from(kind.weight)
    }
}

/// A sequence of keys: `count` keys from `start`, `step` apart. After the last key it starts again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) start: u64,
    pub(super) step: i64,
    pub(super) count: u64,
}

impl Order {
    fn key(&self, number: u64) -> Key {
        let steps = (number % self.count).wrapping_mul(self.step.cast_unsigned());
        Key::Literal(self.start.wrapping_add(steps))
    }
}

/// Families whose operations take their keys from an order, and that order.
pub(super) type Ordered = (&'static [Family], Order);

/// A phase of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    /// The number of operations before the next phase.
    pub(super) operations: u64,
    pub(super) families: Families,
    /// The keys of some families. The key profile picks the keys of all other operations.
    pub(super) order: Option<Ordered>,
}

/// The phases of a stream, and the position in them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    keys: KeyProfile,
    phases: Vec<Phase>,
    phase: usize,
    /// The number of operations so far in this phase.
    operations: u64,
    /// The number of keys that this phase has taken from its order.
    ordered: u64,
}

impl Plan {
    pub(super) fn new(keys: KeyProfile, phases: Vec<Phase>) -> Self {
        Plan { keys, phases, phase: 0, operations: 0, ordered: 0 }
    }

    /// Creates a plan with a single phase that does not end.
    pub(super) fn of_one(keys: KeyProfile, families: Families, order: Option<Ordered>) -> Self {
        Self::new(keys, vec![Phase { operations: u64::MAX, families, order }])
    }

    /// Returns the key profile, which picks the keys that no order gives.
    pub(super) fn keys(&self) -> &KeyProfile {
        &self.keys
    }

    /// Returns the kind of the next operation, and its key if the order of the phase gives it.
    pub(super) fn next(&mut self, kinds: &[Kind], random: &mut Random) -> (usize, Option<Key>) {
        if self.operations == self.phases[self.phase].operations {
            self.phase = (self.phase + 1) % self.phases.len();
            (self.operations, self.ordered) = (0, 0);
        }
        self.operations += 1;
        let Phase { families, order, .. } = &self.phases[self.phase];
        let weights = kinds.iter().map(|kind| u64::from(families.weight(kind)));
        let kind = weighted(weights, random).unwrap_or(0);
        let order = order.filter(|(ordered, _)| ordered.contains(&kinds[kind].family));
        let key = order.map(|(_, order)| order.key(self.ordered));
        self.ordered += u64::from(key.is_some());
        (kind, key)
    }
}

//! The profiles: what kind of history an input is, by name.
//!
//! Each is made from the tables of operations alone (families and keys), so it is there for every
//! target. A target without a family gets the rest of the profile.
//!
//! What it does not do: say how a stream follows its plan (`plan`), or enumerate (`exhaustive`).

use super::Random;
use super::plan::{Families, Order, Phase, Plan};
use crate::model::dice::{Dice, KeyProfile};
use crate::model::encoding::Family;

/// A way to make inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Swarm testing: what the seeded driver runs.
    Swarm,
    /// Ascending writes.
    Sequential,
    /// Descending writes.
    Reverse,
    /// Hot and cold keys.
    HotCold,
    /// Keys written before, at logarithmic distances.
    Gaps,
    /// Mostly reads.
    Reads,
    /// Mostly removals.
    Removes,
    /// Everything written, removed, written again.
    Refill,
    /// A range overwritten round and round.
    PingPong,
    /// Scopes around writes.
    Scopes,
    /// Changes of structure.
    Structure,
    /// All short histories, by number.
    Tiny,
}

/// Where an order of keys starts: at the edges of 32, 63 and 64 bits, or plainly.
const STARTS: [u64; 4] = [0, (1 << 32) - 64, (1 << 63) - 64, u64::MAX - 127];

impl Profile {
    /// Every profile, the default first. Append-only: a profile's place is part of what a seed means.
    pub const ALL: [Profile; 12] = [
        Profile::Swarm,
        Profile::Sequential,
        Profile::Reverse,
        Profile::HotCold,
        Profile::Gaps,
        Profile::Reads,
        Profile::Removes,
        Profile::Refill,
        Profile::PingPong,
        Profile::Scopes,
        Profile::Structure,
        Profile::Tiny,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Profile::Swarm => "swarm",
            Profile::Sequential => "sequential",
            Profile::Reverse => "reverse",
            Profile::HotCold => "hot-cold",
            Profile::Gaps => "gaps",
            Profile::Reads => "reads",
            Profile::Removes => "removes",
            Profile::Refill => "refill",
            Profile::PingPong => "ping-pong",
            Profile::Scopes => "scopes",
            Profile::Structure => "structure",
            Profile::Tiny => "tiny",
        }
    }

    /// What its inputs are, in a line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Profile::Swarm => {
                "each leaves some operations out, and weights the rest very differently"
            }
            Profile::Sequential => "writes go up key by key, reads look back",
            Profile::Reverse => "writes go down key by key, reads look back",
            Profile::HotCold => "a few keys again and again, among a thousand others",
            Profile::Gaps => "keys written before, as far back as not, by octaves",
            Profile::Reads => "mostly reads, of keys that were written and are still there",
            Profile::Removes => "mostly removals, of keys that were written",
            Profile::Refill => "writes a range of keys, removes every one, writes them again",
            Profile::PingPong => "overwrites a range of keys round and round, its size by octaves",
            Profile::Scopes => "scopes opened and closed around writes of few keys",
            Profile::Structure => "changes of structure, with runs of writes between them",
            Profile::Tiny => {
                "all short histories over two keys in the smallest geometry, each once"
            }
        }
    }

    /// The plan of one input. Swarms have none, nor have enumerations.
    pub(super) fn plan(self, random: &mut Random) -> Plan {
        let even = Families { write: 4, read: 4, remove: 4, run: 4, scope: 4, structure: 4 };
        let start = STARTS[random.below(STARTS.len() as u64) as usize];
        let endless = |step: i64| Order { start, step, count: u64::MAX };
        let known = keys(2, 5, 0);
        match self {
            Profile::Swarm | Profile::Tiny => unreachable!("generator: {self:?} has no plan"),
            Profile::Sequential | Profile::Reverse => {
                let step = if self == Profile::Sequential { 1 } else { -1 };
                let families =
                    Families { write: 12, read: 5, remove: 1, run: 2, scope: 1, structure: 2 };
                Plan::of_one(known, families, Some((&[Family::Write, Family::Run], endless(step))))
            }
            Profile::HotCold => {
                let hot_keys = 1 << random.below(6);
                Plan::of_one(KeyProfile { hot_keys, ..keys(8, 0, 4) }, even, None)
            }
            Profile::Gaps => Plan::of_one(keys(0, 6, 2), even, None),
            Profile::Reads => {
                // Little that takes away what was written.
                let families =
                    Families { write: 16, read: 32, remove: 1, run: 2, scope: 2, structure: 1 };
                Plan::of_one(known, families, None)
            }
            Profile::Removes => {
                let families =
                    Families { write: 6, read: 3, remove: 12, run: 2, scope: 2, structure: 2 };
                Plan::of_one(keys(3, 4, 1), families, None)
            }
            Profile::Refill => refill(start, random),
            Profile::PingPong => {
                let octave = 1 + random.below(10);
                let count = (1 << octave) + random.below(1 << octave);
                let families =
                    Families { write: 12, read: 3, remove: 1, run: 1, scope: 1, structure: 2 };
                let order = Order { start, step: 1, count };
                Plan::of_one(known, families, Some((&[Family::Write], order)))
            }
            Profile::Scopes => {
                let hot_keys = 1 << random.below(4);
                let families =
                    Families { write: 10, read: 4, remove: 5, run: 1, scope: 10, structure: 1 };
                Plan::of_one(KeyProfile { hot_keys, ..keys(6, 2, 1) }, families, None)
            }
            Profile::Structure => {
                let families =
                    Families { write: 8, read: 3, remove: 3, run: 4, scope: 1, structure: 10 };
                Plan::of_one(keys(2, 4, 2), families, None)
            }
        }
    }
}

/// A range of keys written, some operations of other kinds, the same keys removed in the same order or
/// the other way round, some operations; then again.
fn refill(start: u64, random: &mut Random) -> Plan {
    let octave = 1 + random.below(5);
    let count = (1 << octave) + random.below(1 << octave);
    let up = Order { start, step: 1, count };
    let down = Order { start: start.wrapping_add(count - 1), step: -1, count };
    let back = if random.below(2) == 0 { up } else { down };
    let none = Families { write: 0, read: 0, remove: 0, run: 0, scope: 0, structure: 0 };
    let between = Phase {
        operations: 1 + random.below(8),
        families: Families { read: 4, scope: 1, structure: 2, ..none },
        order: None,
    };
    let write = Phase {
        operations: count,
        families: Families { write: 1, ..none },
        order: Some((&[Family::Write], up)),
    };
    let remove = Phase {
        operations: count,
        families: Families { remove: 1, ..none },
        order: Some((&[Family::Remove], back)),
    };
    Plan::new(keys(1, 6, 0), vec![write, between, remove, between])
}

/// Keys that are hot, written before, or cold; now and then a neighbour or an extreme.
fn keys(hot: u8, gap: u8, cold: u8) -> KeyProfile {
    KeyProfile {
        hot: 4 * hot,
        hot_keys: 8,
        gap: 4 * gap,
        cold: 4 * cold,
        near: 2,
        extreme: 1,
        landmark: 0,
    }
}

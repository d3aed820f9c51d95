//! The plan of each profile. The inputs of a profile are histories of one kind.
//!
//! A plan depends only on the families and keys of operations, so every profile works for every
//! target. If a target has no operation of a family, the profile uses its other families.
//!
//! `plan` follows a plan. `exhaustive` makes the inputs of [`Profile::Tiny`], which has no plan.

use super::plan::{Families, Order, Phase, Plan};
use super::{Profile, Random};
use crate::input::dice::{Dice, KeyProfile};
use crate::input::encoding::Family;

/// The starts of an order of keys: 0, or just below 2^32, 2^63 or 2^64.
const STARTS: [u64; 4] = [0, (1 << 32) - 64, (1 << 63) - 64, u64::MAX - 127];

/// Draws the plan of an input. Panics for the profiles that have no plan.
pub(super) fn plan(profile: Profile, random: &mut Random) -> Plan {
    let even = Families { write: 4, read: 4, remove: 4, run: 4, scope: 4, structure: 4 };
    let start = STARTS[random.below(STARTS.len() as u64) as usize];
    let endless = |step: i64| Order { start, step, count: u64::MAX };
    let known = keys(2, 5, 0);
    match profile {
        Profile::Swarm | Profile::Tiny => unreachable!("generator: {profile:?} has no plan"),
        Profile::Sequential | Profile::Reverse => {
            let step = if profile == Profile::Sequential { 1 } else { -1 };
            let mix = Families { write: 12, read: 5, remove: 1, run: 2, scope: 1, structure: 2 };
            Plan::of_one(known, mix, Some((&[Family::Write, Family::Run], endless(step))))
        }
        Profile::HotCold => {
            let hot_keys = 1 << random.below(6);
            Plan::of_one(KeyProfile { hot_keys, ..keys(8, 0, 4) }, even, None)
        }
        Profile::Gaps => Plan::of_one(keys(0, 6, 2), even, None),
        Profile::Reads => {
            // Few operations remove what was written.
            let mix = Families { write: 16, read: 32, remove: 1, run: 2, scope: 2, structure: 1 };
            Plan::of_one(known, mix, None)
        }
        Profile::Removes => {
            let mix = Families { write: 6, read: 3, remove: 12, run: 2, scope: 2, structure: 2 };
            Plan::of_one(keys(3, 4, 1), mix, None)
        }
        Profile::Refill => refill(start, random),
        Profile::PingPong => {
            let octave = 1 + random.below(10);
            let count = (1 << octave) + random.below(1 << octave);
            let mix = Families { write: 12, read: 3, remove: 1, run: 1, scope: 1, structure: 2 };
            let order = Order { start, step: 1, count };
            Plan::of_one(known, mix, Some((&[Family::Write], order)))
        }
        Profile::Scopes => {
            let hot_keys = 1 << random.below(4);
            let mix = Families { write: 10, read: 4, remove: 5, run: 1, scope: 10, structure: 1 };
            Plan::of_one(KeyProfile { hot_keys, ..keys(6, 2, 1) }, mix, None)
        }
        Profile::Structure => {
            let mix = Families { write: 8, read: 3, remove: 3, run: 4, scope: 1, structure: 10 };
            Plan::of_one(keys(2, 4, 2), mix, None)
        }
    }
}

/// Writes a range of keys, runs some operations of other kinds, removes the same keys in the same
/// or the reverse order, runs some operations, and starts again.
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

/// Returns a key profile with these weights of hot keys, keys written before and cold keys, and
/// with a few neighbours and extremes.
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

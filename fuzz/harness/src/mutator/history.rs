//! Whole histories, from the generator of the seeded driver.
//!
//! A corpus that starts from nothing has inputs of a few operations, and moves lengthen them
//! slowly. A whole history has swarm weights, key habits and a hundred operations from the first
//! execution.

use crate::generator::{Length, Profile, Random, generate};
use crate::input::dice::Dice;
use crate::input::encoding::{HEADER_BYTES, Operation, TAG};

/// Of this many histories, one is of a profile other than the swarm.
const OTHER_PROFILE_IN: u64 = 4;

/// The profiles other than the swarm that have histories of any length.
const OTHER_PROFILES: [Profile; 10] = [
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
];

/// Draws a whole history, of which it keeps the operations that `room` bytes hold.
pub(super) fn draw<O: Operation>(room: usize, seed: u64, out: &mut Vec<u8>) {
    let mut dice = Random::new(seed, 1);
    let profile = if dice.below(OTHER_PROFILE_IN) == 0 {
        OTHER_PROFILES[dice.below(OTHER_PROFILES.len() as u64) as usize]
    } else {
        Profile::Swarm
    };
    generate::<O>(profile, seed, 0, Length::Long, out);
    cut(room, out);
}

/// Leaves out the operations at the end that need more than `room` bytes.
fn cut(room: usize, bytes: &mut Vec<u8>) {
    if bytes.len() <= room {
        return;
    }
    // The byte at `room` starts an operation, or belongs to the last operation that starts before.
    let start = bytes[..=room].iter().skip(HEADER_BYTES).rposition(|byte| *byte >= TAG);
    bytes.truncate(start.map_or(room, |start| HEADER_BYTES + start));
}

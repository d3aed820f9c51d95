//! Drawn operations in an input that has others: a few in between, or a new end.
//!
//! The operations that are drawn at once come from one swarm, so that they have something to do
//! with each other: the same kinds, and keys of the same habit.

use crate::generator::{Random, Swarm};
use crate::input::dice::Dice;
use crate::input::encoding::{Input, Operation};

use super::moves;

/// The maximum number of operations that are drawn in between.
const GROUP_MAX: u64 = 16;

/// Inserts a few operations.
pub(super) fn insert<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let place = moves::place(&input.operations, dice);
    let longest = 1 + dice.below(GROUP_MAX);
    let count = 1 + dice.below(longest);
    let drawn: Vec<O> = draw(count, dice);
    input.operations.splice(place..place, drawn);
}

/// Replaces the operations from a place on. The new end has as many operations as the old one, or 4
/// to 255.
pub(super) fn end_anew<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let place = moves::place(&input.operations, dice);
    let old = (input.operations.len() - place) as u64;
    let octave = 2 + dice.below(6);
    let count =
        if dice.below(2) == 0 { old.max(4) } else { (1 << octave) + dice.below(1 << octave) };
    let drawn: Vec<O> = draw(count, dice);
    input.operations.truncate(place);
    input.operations.extend(drawn);
}

/// Draws `count` operations.
fn draw<O: Operation>(count: u64, dice: &mut Random) -> Vec<O> {
    let swarm = Swarm::draw(O::KINDS, dice);
    dice.set_profile(*swarm.keys());
    (0..count).map(|_| O::draw(swarm.pick(dice), dice)).collect()
}

//! Crossover: joins two inputs at the boundaries of operations.

use crate::generator::Random;
use crate::input::dice::Dice;
use crate::input::encoding::{Input, Operation};

use super::moves;

/// Joins a part of `other` into `input`: the part replaces the end of `input`, is inserted at one
/// position, or is interleaved; or all of `other` follows `input`. Half of the time, some settings
/// are taken from `other` too.
pub(super) fn join<O: Operation>(input: &mut Input<O>, other: Input<O>, dice: &mut Random) {
    let Input { header, operations: theirs } = other;
    if dice.below(2) == 0 {
        for setting in 0..O::SETTINGS.len() {
            if dice.below(2) == 0 {
                input.header.choose(O::SETTINGS, setting, header.index(setting));
            }
        }
    }
    let ours = &mut input.operations;
    if dice.below(4) == 0 {
        ours.extend_from_slice(&theirs);
        return;
    }
    let part = part(&theirs, dice);
    match dice.below(3) {
        0 => {
            ours.truncate(moves::place(ours, dice));
            ours.extend_from_slice(part);
        }
        1 => {
            let at = moves::place(ours, dice);
            ours.splice(at..at, part.iter().copied());
        }
        _ => {
            let mut at = moves::place(ours, dice);
            for operation in part {
                ours.insert(at, *operation);
                at = (at + 1 + dice.below(3) as usize).min(ours.len());
            }
        }
    }
}

/// Draws a range of the operations. It may be empty.
fn part<'a, O>(operations: &'a [O], dice: &mut Random) -> &'a [O] {
    let start = dice.below(operations.len() as u64 + 1) as usize;
    let start = if dice.below(4) == 0 { 0 } else { start };
    let len = dice.below((operations.len() - start) as u64 + 1) as usize;
    &operations[start..start + len]
}

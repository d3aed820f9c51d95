//! The moves on a single input.
//!
//! Invariant: a move that finds nothing to work on inserts an operation instead, so that no call is
//! wasted.

use std::ops::Range;

use crate::generator::{Random, weighted};
use crate::model::dice::Dice;
use crate::model::encoding::{ArgumentBytes, Arguments, Family, Input, Kind, Operation};

/// The maximum length of the range of operations that a move takes.
const RANGE_MAX: u64 = 32;

/// The maximum number of operations of a mutated input, before it is fitted into its room.
const OPERATIONS_MAX: usize = 4096;

#[derive(Clone, Copy, Debug)]
enum Move {
    Insert,
    Bracket,
    Delete,
    DeleteRange,
    DuplicateRange,
    Relocate,
    SwapTwo,
    ReverseRange,
    ChangeKind,
    ShareKey,
    ShareKeyOverRange,
    Nudge,
    ChangeSetting,
}

/// The moves and their weights.
const MOVES: &[(Move, u64)] = &[
    (Move::Insert, 10),
    (Move::Bracket, 4),
    (Move::Delete, 6),
    (Move::DeleteRange, 4),
    (Move::DuplicateRange, 6),
    (Move::Relocate, 3),
    (Move::SwapTwo, 3),
    (Move::ReverseRange, 1),
    (Move::ChangeKind, 6),
    (Move::ShareKey, 8),
    (Move::ShareKeyOverRange, 2),
    (Move::Nudge, 14),
    (Move::ChangeSetting, 6),
];

/// Makes one move.
pub(super) fn one<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let chosen = weighted(MOVES.iter().map(|(_, weight)| *weight), dice);
    let (chosen, _) = MOVES[chosen.expect("moves have weights")];
    if !try_move(chosen, input, dice) {
        insert(input, dice);
    }
    input.operations.truncate(OPERATIONS_MAX);
}

/// Makes the move. Returns whether there was something to work on.
fn try_move<O: Operation>(chosen: Move, input: &mut Input<O>, dice: &mut Random) -> bool {
    let operations = &mut input.operations;
    if let Move::ChangeSetting = chosen {
        change_setting(input, dice);
        return true;
    }
    if operations.is_empty() {
        return false;
    }
    match chosen {
        Move::Insert => insert(input, dice),
        Move::Bracket => bracket(input, dice),
        Move::Delete => {
            operations.remove(index(operations, dice));
        }
        Move::DeleteRange => {
            operations.drain(range(operations, dice));
        }
        Move::DuplicateRange => {
            let copied = operations[range(operations, dice)].to_vec();
            let at = place(operations, dice);
            operations.splice(at..at, copied);
        }
        Move::Relocate => {
            let moved: Vec<O> = operations.drain(range(operations, dice)).collect();
            let at = place(operations, dice);
            operations.splice(at..at, moved);
        }
        Move::SwapTwo => {
            let (a, b) = (index(operations, dice), index(operations, dice));
            operations.swap(a, b);
        }
        Move::ReverseRange => {
            let range = range(operations, dice);
            operations[range].reverse();
        }
        Move::ChangeKind => return change_kind(operations, dice),
        Move::ShareKey => return share_key(operations, dice),
        Move::ShareKeyOverRange => return share_key_over_range(operations, dice),
        Move::Nudge => {
            let at = index(operations, dice);
            operations[at] = operations[at].nudge(dice);
        }
        Move::ChangeSetting => unreachable!("handled above"),
    }
    true
}

/// Inserts an operation of a random kind, drawn by the weights of the kinds.
fn insert<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let at = place(&input.operations, dice);
    let drawn = draw(dice, |_| true).expect("a target has kinds");
    input.operations.insert(at, drawn);
}

/// Inserts two operations that change the structure, or that open or close a scope, before and
/// after a range. The range then lies in a scope, or between two compactions.
fn bracket<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let around = range(&input.operations, dice);
    for at in [around.end, around.start] {
        let Some(drawn) = draw(dice, |family| matches!(family, Family::Scope | Family::Structure))
        else {
            return insert(input, dice);
        };
        input.operations.insert(at, drawn);
    }
}

/// Draws an operation of the families for which `fits` returns true; `None` if the target has none.
fn draw<O: Operation>(dice: &mut Random, fits: impl Fn(Family) -> bool) -> Option<O> {
    let weight = |kind: &Kind| if fits(kind.family) { u64::from(kind.weight) } else { 0 };
    weighted(O::KINDS.iter().map(weight), dice).map(|kind| O::draw(kind, dice))
}

/// Changes the kind of an operation, mostly within its family. The bytes of its arguments stay.
fn change_kind<O: Operation>(operations: &mut [O], dice: &mut Random) -> bool {
    let at = index(operations, dice);
    let kind = operations[at].kind();
    let family = O::KINDS[kind].family;
    let any = dice.below(3) == 0;
    let fits = |other: usize| other != kind && (any || O::KINDS[other].family == family);
    let others = (0..O::KINDS.len()).filter(|other| fits(*other));
    let count = others.clone().count() as u64;
    if count == 0 {
        return false;
    }
    let other = others.clone().nth(dice.below(count) as usize).expect("below the count");
    let mut bytes = ArgumentBytes::new();
    operations[at].encode(&mut bytes);
    operations[at] = O::decode(other, &mut Arguments::new(bytes.without_trailing_zeros()));
    true
}

/// Gives an operation the key of another.
fn share_key<O: Operation>(operations: &mut [O], dice: &mut Random) -> bool {
    let (from, to) = (index(operations, dice), index(operations, dice));
    let Some(key) = operations[from].key() else { return false };
    if operations[to].key().is_none() || operations[to].key() == Some(key) {
        return false;
    }
    operations[to] = operations[to].with_key(key);
    true
}

/// Gives a range of operations the key of an operation.
fn share_key_over_range<O: Operation>(operations: &mut [O], dice: &mut Random) -> bool {
    let Some(key) = operations[index(operations, dice)].key() else { return false };
    let range = range(operations, dice);
    for operation in &mut operations[range] {
        *operation = operation.with_key(key);
    }
    true
}

/// Changes a setting to a neighbouring choice, or to any.
pub(super) fn change_setting<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let setting = dice.below(O::SETTINGS.len() as u64) as usize;
    let count = O::SETTINGS[setting].choices.count();
    let now = input.header.index(setting);
    let chosen = match dice.below(3) {
        0 => (now + 1) % count,
        1 => (now + count - 1) % count,
        _ => dice.below(count as u64) as usize,
    };
    input.header.choose(O::SETTINGS, setting, chosen);
}

/// Draws the index of an operation. There must be an operation.
fn index<O>(operations: &[O], dice: &mut Random) -> usize {
    dice.below(operations.len() as u64) as usize
}

/// Draws a place to insert at. One time in four it is the end, because what happens there follows
/// on all that was built.
pub(super) fn place<O>(operations: &[O], dice: &mut Random) -> usize {
    if dice.below(4) == 0 {
        return operations.len();
    }
    dice.below(operations.len() as u64 + 1) as usize
}

/// Draws a range of at least one operation, short ranges more often. There must be an operation.
fn range<O>(operations: &[O], dice: &mut Random) -> Range<usize> {
    let start = index(operations, dice);
    let longest = (operations.len() - start).min(RANGE_MAX as usize) as u64;
    let len = 1 + dice.below(longest);
    start..start + 1 + dice.below(len) as usize
}

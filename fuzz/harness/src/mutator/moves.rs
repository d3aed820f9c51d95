//! Moves on one input.
//!
//! Invariant: a move that finds nothing to work on inserts an operation instead, so that every call
//! does something.

use std::ops::Range;

use crate::generator::Random;
use crate::model::dice::Dice;
use crate::model::encoding::{ArgumentBytes, Arguments, Family, Input, Operation};

/// The longest range of operations that a move takes.
const RANGE_MAX: u64 = 32;

/// The most operations that a mutated input has before the room for it is looked at.
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

/// Moves by weight.
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
    let total = MOVES.iter().map(|(_, weight)| weight).sum();
    let mut point = dice.below(total);
    let chosen = MOVES.iter().find(|(_, weight)| {
        let chosen = point < *weight;
        point = point.wrapping_sub(*weight);
        chosen
    });
    let (chosen, _) = chosen.expect("a point below the sum of the weights");
    if !try_move(*chosen, input, dice) {
        insert(input, dice);
    }
    input.operations.truncate(OPERATIONS_MAX);
}

/// Makes the move, if there is something to make it on.
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
        Move::ChangeSetting => unreachable!("made above"),
    }
    true
}

/// Inserts an operation of any kind, as often as the kinds weigh in an even mix.
fn insert<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let at = place(&input.operations, dice);
    let drawn = draw(dice, |_| true).expect("a target has kinds");
    input.operations.insert(at, drawn);
}

/// Inserts two operations of what changes the structure or opens and closes, a range apart: what
/// lies between them lies in a scope, or between two compactions.
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

/// Draws an operation of the families that `fits` names; `None` if the target has none.
fn draw<O: Operation>(dice: &mut Random, fits: impl Fn(Family) -> bool) -> Option<O> {
    let weight = |kind: &crate::model::encoding::Kind| {
        if fits(kind.family) { u64::from(kind.weight) } else { 0 }
    };
    let total: u64 = O::KINDS.iter().map(weight).sum();
    if total == 0 {
        return None;
    }
    let mut point = dice.below(total);
    for kind in O::KINDS {
        match point.checked_sub(weight(kind)) {
            Some(rest) => point = rest,
            None => return Some(O::draw(usize::from(kind.number), dice)),
        }
    }
    unreachable!("a point below the sum of the weights")
}

/// Another kind, of the same family mostly, with the same bytes for arguments.
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
    let other = others.clone().nth(dice.below(count) as usize).expect("fewer than there are");
    let mut bytes = ArgumentBytes::new();
    operations[at].encode(&mut bytes);
    operations[at] = O::decode(other, &mut Arguments::new(bytes.without_trailing_zeros()));
    true
}

/// One operation gets the key of another.
fn share_key<O: Operation>(operations: &mut [O], dice: &mut Random) -> bool {
    let (from, to) = (index(operations, dice), index(operations, dice));
    let Some(key) = operations[from].key() else { return false };
    if operations[to].key().is_none() || operations[to].key() == Some(key) {
        return false;
    }
    operations[to] = operations[to].with_key(key);
    true
}

/// A range of operations gets the key of one.
fn share_key_over_range<O: Operation>(operations: &mut [O], dice: &mut Random) -> bool {
    let Some(key) = operations[index(operations, dice)].key() else { return false };
    let range = range(operations, dice);
    for operation in &mut operations[range] {
        *operation = operation.with_key(key);
    }
    true
}

/// One setting becomes another choice, a neighbour or any.
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

/// The place of an operation; there is one.
fn index<O>(operations: &[O], dice: &mut Random) -> usize {
    dice.below(operations.len() as u64) as usize
}

/// A place before, between or behind the operations; behind them one time in four, since what is
/// there follows on all that was built.
pub(super) fn place<O>(operations: &[O], dice: &mut Random) -> usize {
    if dice.below(4) == 0 {
        return operations.len();
    }
    dice.below(operations.len() as u64 + 1) as usize
}

/// A range of one operation or more, short ones more often; there is one.
fn range<O>(operations: &[O], dice: &mut Random) -> Range<usize> {
    let start = index(operations, dice);
    let longest = (operations.len() - start).min(RANGE_MAX as usize) as u64;
    let len = 1 + dice.below(longest);
    start..start + 1 + dice.below(len) as usize
}

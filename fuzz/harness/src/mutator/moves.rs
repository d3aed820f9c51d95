//! The moves on a single input.
//!
//! Invariant: a move that finds nothing to work on inserts an operation instead, so that no call is
//! wasted.

use std::ops::Range;

use crate::generator::{Random, weighted};
use crate::input::dice::Dice;
use crate::input::encoding::{ArgumentBytes, Arguments, Family, Input, Kind, Landmark, Operation};

/// The maximum length of the range of operations that a move takes.
const RANGE_MAX: u64 = 32;

/// The maximum number of operations of a mutated input. The limit in bytes is applied afterwards.
const OPERATIONS_MAX: usize = 4096;

/// A move on an input that has operations, or on its settings.
type Move<O> = fn(&mut Input<O>, &mut Random);

/// Makes one move, drawn by the weights of the moves.
pub(super) fn one<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    const CHANGE_SETTING: usize = 12;
    let moves: [(u64, Move<O>); 14] = [
        (10, insert),
        (4, bracket),
        (6, |input, dice| _ = input.operations.remove(index(&input.operations, dice))),
        (4, |input, dice| drop(input.operations.drain(range(&input.operations, dice)))),
        (6, duplicate_range),
        (3, relocate_range),
        (3, swap_two),
        (1, reverse_range),
        (6, change_kind),
        (8, share_key),
        (2, share_key_over_range),
        (14, nudge),
        (6, change_setting),
        (6, put_at_landmark),
    ];
    let chosen = weighted(moves.iter().map(|(weight, _)| *weight), dice);
    let chosen = chosen.expect("moves have weights");
    let is_possible = !input.operations.is_empty() || chosen == CHANGE_SETTING;
    let chosen = if is_possible { moves[chosen].1 } else { insert };
    chosen(input, dice);
    input.operations.truncate(OPERATIONS_MAX);
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

fn duplicate_range<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let copied = input.operations[range(&input.operations, dice)].to_vec();
    let at = place(&input.operations, dice);
    input.operations.splice(at..at, copied);
}

fn relocate_range<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let moved: Vec<O> = input.operations.drain(range(&input.operations, dice)).collect();
    let at = place(&input.operations, dice);
    input.operations.splice(at..at, moved);
}

fn swap_two<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let (a, b) = (index(&input.operations, dice), index(&input.operations, dice));
    input.operations.swap(a, b);
}

fn reverse_range<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let range = range(&input.operations, dice);
    input.operations[range].reverse();
}

fn nudge<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let at = index(&input.operations, dice);
    input.operations[at] = input.operations[at].nudge(dice);
}

/// Changes the kind of an operation, mostly within its family. The bytes of its arguments stay.
fn change_kind<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let operations = &mut input.operations;
    let at = index(operations, dice);
    let kind = operations[at].kind();
    let family = O::KINDS[kind].family;
    let any = dice.below(3) == 0;
    let fits = |other: usize| other != kind && (any || O::KINDS[other].family == family);
    let others = (0..O::KINDS.len()).filter(|other| fits(*other));
    let count = others.clone().count() as u64;
    if count == 0 {
        return insert(input, dice);
    }
    let other = others.clone().nth(dice.below(count) as usize).expect("below the count");
    let mut bytes = ArgumentBytes::new();
    operations[at].encode(&mut bytes);
    operations[at] = O::decode(other, &mut Arguments::new(bytes.without_trailing_zeros()));
}

/// Gives an operation the key of another.
fn share_key<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let operations = &mut input.operations;
    let (from, to) = (index(operations, dice), index(operations, dice));
    match (operations[from].key(), operations[to].key()) {
        (Some(key), Some(own)) if own != key => operations[to] = operations[to].with_key(key),
        _ => insert(input, dice),
    }
}

/// Gives a range of operations the key of an operation.
fn share_key_over_range<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let operations = &mut input.operations;
    let Some(key) = operations[index(operations, dice)].key() else {
        return insert(input, dice);
    };
    let range = range(operations, dice);
    for operation in &mut operations[range] {
        *operation = operation.with_key(key);
    }
}

/// Gives an operation keys at a bound that exists: the end of a table or block, or a live key.
fn put_at_landmark<O: Operation>(input: &mut Input<O>, dice: &mut Random) {
    let at = index(&input.operations, dice);
    let moved = input.operations[at].with_landmark(Landmark::draw(dice));
    if moved == input.operations[at] {
        return insert(input, dice);
    }
    input.operations[at] = moved;
}

/// Changes a setting to a neighbouring or a random choice.
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

/// Draws an index to insert at. It is the end at least a quarter of the time, because an operation
/// there acts on all the state that the input builds.
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

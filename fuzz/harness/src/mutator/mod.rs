//! The mutator: changes an input as a sequence of operations, not as bytes.
//!
//! A byte mutator does not know where an operation ends: it may copy only a part of an operation,
//! and it rarely gives two operations the same key. This mutator works on whole operations:
//! `moves` changes an input, `crossover` joins two inputs, and `history` draws an input from
//! nothing. A [`Share`] decides how often a driver draws.
//!
//! Invariants (each has a test):
//!
//! * The result has at most `room` bytes, and depends only on the inputs, `room` and the seed. It
//!   is canonical unless `room` suffices only for settings.
//! * Every input can be changed, including the empty input.
//!
//! A driver still leaves a share of the mutations to its byte mutator, which fuzzes the codec and
//! sets arguments to values that no move chooses.

mod crossover;
mod growth;
mod history;
mod moves;
mod share;

pub use share::{Share, Way};

use crate::generator::{Random, Swarm};
use crate::input::dice::Dice;
use crate::input::encoding::{HEADER_BYTES, Input, Operation, encode_operation};

/// Changes an input by one to four moves, or draws a part of it.
pub(crate) fn mutate<O: Operation>(bytes: &[u8], room: usize, seed: u64, out: &mut Vec<u8>) {
    let mut dice = dice::<O>(seed);
    let mut input = Input::<O>::decode(bytes);
    match dice.below(8) {
        0 => growth::end_anew(&mut input, &mut dice),
        1 => growth::insert(&mut input, &mut dice),
        2 => moves::change_setting(&mut input, &mut dice),
        _ => {
            for _ in 0..=dice.next().trailing_ones().min(3) {
                moves::one(&mut input, &mut dice);
            }
        }
    }
    encode_in(&input, room, &mut dice, out);
}

/// Joins two inputs into one.
pub(crate) fn cross<O: Operation>(
    bytes: &[u8],
    other: &[u8],
    room: usize,
    seed: u64,
    out: &mut Vec<u8>,
) {
    let mut dice = dice::<O>(seed);
    let mut input = Input::<O>::decode(bytes);
    crossover::join(&mut input, Input::decode(other), &mut dice);
    encode_in(&input, room, &mut dice, out);
}

/// Draws a whole history.
pub(crate) fn draw<O: Operation>(room: usize, seed: u64, out: &mut Vec<u8>) {
    history::draw::<O>(room, seed, out);
}

/// Creates dice that draw keys by the key profile of a random swarm.
fn dice<O: Operation>(seed: u64) -> Random {
    let mut dice = Random::new(seed, 0);
    let profile = *Swarm::draw(O::KINDS, &mut dice).keys();
    dice.set_profile(profile);
    dice
}

/// Encodes the input. If it needs more than `room` bytes, leaves out consecutive operations that
/// begin at a random index. Leaving out the last operations every time would lose operations that
/// are as likely to matter as the others.
fn encode_in<O: Operation>(input: &Input<O>, room: usize, dice: &mut Random, out: &mut Vec<u8>) {
    *out = input.encode();
    let Some(excess) = out.len().checked_sub(room).filter(|excess| *excess > 0) else { return };
    out.clear();
    if room <= HEADER_BYTES {
        out.extend_from_slice(&input.header.encode()[..room]);
        return;
    }
    out.extend_from_slice(&input.header.encode());
    let skip_from = dice.below(input.operations.len() as u64) as usize;
    let mut skipped = 0;
    let mut operation_bytes = Vec::new();
    for (number, operation) in input.operations.iter().enumerate() {
        operation_bytes.clear();
        encode_operation(operation, &mut operation_bytes);
        if number >= skip_from && skipped < excess {
            skipped += operation_bytes.len();
        } else if out.len() + operation_bytes.len() <= room {
            out.extend_from_slice(&operation_bytes);
        }
    }
}

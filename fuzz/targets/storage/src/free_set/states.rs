//! States of a store: how full it is, where it has holes, and which reservations are outstanding
//! when something happens.

use downbeat::Run;
use downbeat::states::octave;
use downbeat_model::free_set::Blocks;
use downbeat_model::store::Use;

downbeat::states! {
    FreeBlocks "free blocks at a sweep, by octave" 9,
    Holes "free blocks below the highest acquired one, by octave" 9,
    Sorts "states of blocks at a sweep, as a sum: 1 acquired, 2 released, 4 staged" 8,
    Reserving "free blocks at a reservation (none, too few, just enough, more), by outstanding reservations (none, one, more)" 12,
    OutAtReservation "outstanding reservations when another is made" 8,
    Forfeiting "a forfeited reservation: whether it had blocks left, and whether it was the last one" 4,
    AcquiredAt "place of an acquired block in its word (first, last, inside), by word from 1 to 5; beyond 16 bits" 16,
    FreedAtOnce "blocks freed by a checkpoint, by octave" 9,
    StagedAtDurability "staged blocks when a checkpoint is durable, by octave" 8,
    WordsEncoded "words of the encoded set of acquired blocks" 7,
    BlocksOfSets "blocks that the encoded sets fill" 8,
    Crashed "the last checkpoint in a crash (durable, survives, is lost), with or without outstanding reservations" 6,
    Refused "what is wrong with an encoded set" 7,
}

/// The core's messages about an invalid encoded set, in the order of the buckets of `Refused`.
const REASONS: [&str; 7] = [
    "an encoded set of blocks is not whole words",
    "an encoded set of blocks ends too early",
    "an encoded set of blocks is not in its canonical form",
    "an encoded set of blocks has a block beyond the last",
    "a block is released and not acquired",
    "a block that stores the free set has an invalid address",
    "a block that stores the free set is in use for something else",
];

pub(super) fn refused(what: &str, run: &mut Run) {
    if let Some(number) = REASONS.iter().position(|reason| *reason == what) {
        run.state(Refused, number);
    }
}

pub(super) fn reserved(count: u64, available: u64, out: usize, run: &mut Run) {
    let outcome = match available {
        0 => 0,
        available if available < count => 1,
        available if available == count => 2,
        _ => 3,
    };
    run.state(Reserving, 3 * outcome + out.min(2));
    run.state(OutAtReservation, out);
}

#[inline]
pub(super) fn acquired(address: u64, run: &mut Run) {
    let block = (address - 1) as usize;
    let (word, bit) = (block / 64, block % 64);
    let within = match bit {
        0 => 0,
        63 => 1,
        _ => 2,
    };
    let is_beyond = address > u64::from(u16::MAX);
    run.state(AcquiredAt, if is_beyond { 15 } else { 3 * word.min(4) + within });
}

/// What a crash loses: the memory after a durable checkpoint, the memory after one that survives
/// although it is not durable, or the newest checkpoint as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    MemoryOfDurable,
    Memory,
    Checkpoint,
}

pub(super) fn blocks(model: &Blocks, run: &mut Run) {
    let counts = model.counts();
    run.state(FreeBlocks, octave(counts.free));
    let highest = model.highest().unwrap_or(0);
    run.state(Holes, octave(highest - counts.acquired));
    let any = |sort| usize::from(model.blocks().contains(&sort));
    let sorts = [Use::Acquired, Use::Released, Use::Staged].map(any);
    run.state(Sorts, sorts[0] + 2 * sorts[1] + 4 * sorts[2]);
}

//! Answers against the model.

use downbeat_lsm::grid::free_set::{BlockState, FreeSet};

use downbeat::failure::Divergence;
use downbeat::model::free_set::Counts;
use downbeat::model::store::Use;

/// Whether there is the address that should be, or none.
#[inline]
pub(super) fn option(
    check: &'static str,
    what: &'static str,
    expected: Option<u64>,
    got: Option<u64>,
) -> Result<(), Divergence> {
    if expected == got {
        return Ok(());
    }
    let say =
        |address: Option<u64>| address.map_or("none".to_owned(), |address| address.to_string());
    Err(Divergence::new(check, what, say(expected), say(got)))
}

/// The state of the core that the model's word stands for.
pub(super) fn state(block: Use) -> BlockState {
    match block {
        Use::Free => BlockState::Free,
        Use::Acquired => BlockState::Acquired,
        Use::Released => BlockState::Released,
        Use::Staged => BlockState::Staged,
    }
}

/// Whether a block is what it should be.
#[inline]
pub(super) fn block(
    check: &'static str,
    what: &'static str,
    address: u64,
    expected: Use,
    got: BlockState,
) -> Result<(), Divergence> {
    if state(expected) == got {
        return Ok(());
    }
    let say = |block: &dyn std::fmt::Debug| format!("{block:?}").to_lowercase();
    Err(Divergence::new(check, what, format!("block {address} {}", say(&expected)), say(&got)))
}

/// Whether a set counts the blocks of each sort; and how many there are.
#[inline]
pub(super) fn counts(set: &FreeSet, expected: Counts) -> Result<Counts, Divergence> {
    let got = Counts {
        free: set.free_count(),
        reserved: set.reserved_count(),
        acquired: set.acquired_count(),
        released: set.released_count(),
        staged: set.staged_count(),
    };
    if expected == got { Ok(got) } else { Err(other_counts(&expected, &got)) }
}

#[cold]
fn other_counts(expected: &Counts, got: &Counts) -> Divergence {
    let say = |counts: &Counts| {
        let Counts { free, reserved, acquired, released, staged } = counts;
        format!(
            "{free} free ({reserved} reserved), {acquired} acquired ({released} released, {staged} staged)"
        )
    };
    let what = "the set counts other blocks than the model";
    Divergence::new("counts-equal-model", what, say(expected), say(got))
}

/// Whether an encoded set is the model's, to the byte.
pub(super) fn stream(what: &'static str, expected: &[u8], got: &[u8]) -> Result<(), Divergence> {
    if expected == got {
        return Ok(());
    }
    let say = |bytes: &[u8]| {
        let words = bytes
            .chunks(8)
            .map(|word| word.iter().rev().map(|byte| format!("{byte:02x}")).collect());
        let words: Vec<String> = words.collect();
        if words.is_empty() { "no word".to_owned() } else { words.join(" ") }
    };
    Err(Divergence::new("encoded-set-equals-model", what, say(expected), say(got)))
}

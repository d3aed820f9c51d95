//! Compares answers with the model.

use downbeat_lsm::grid::free_set::{BlockState, FreeSet};

use crate::store::block_state;
use downbeat::Checked;
use downbeat::check::{Check, holds};
use downbeat_model::free_set::Counts;
use downbeat_model::store::Use;

/// Checks that the answer is the expected address, or none.
#[inline]
pub(super) fn option(check: &'static str, expected: Option<u64>, got: Option<u64>) -> Check {
    let say =
        |address: Option<u64>| address.map_or("none".to_owned(), |address| address.to_string());
    holds(check, expected == got).show(|| (say(expected), say(got)))
}

/// Checks the state of a block.
#[inline]
pub(super) fn block(check: &'static str, address: u64, expected: Use, got: BlockState) -> Check {
    let say = |block: &dyn std::fmt::Debug| format!("{block:?}").to_lowercase();
    holds(check, block_state(expected) == got)
        .show(|| (format!("block {address} {}", say(&expected)), say(&got)))
}

/// Checks the number of blocks in each state. Returns these numbers.
#[inline]
pub(super) fn counts(set: &FreeSet, expected: Counts) -> Checked<Counts> {
    let got = Counts {
        free: set.free_count(),
        reserved: set.reserved_count(),
        acquired: set.acquired_count(),
        released: set.released_count(),
        staged: set.staged_count(),
    };
    let say = |counts: &Counts| {
        let Counts { free, reserved, acquired, released, staged } = counts;
        format!(
            "{free} free ({reserved} reserved), {acquired} acquired ({released} released, {staged} staged)"
        )
    };
    holds("counts-equal-model", expected == got)
        .show(|| (say(&expected), say(&got)))
        .or("the set counts more or fewer blocks of a state than the model")?;
    Ok(got)
}

/// Checks the bytes of an encoded set.
pub(super) fn stream(expected: &[u8], got: &[u8]) -> Check {
    let say = |bytes: &[u8]| {
        let words = bytes
            .chunks(8)
            .map(|word| word.iter().rev().map(|byte| format!("{byte:02x}")).collect());
        let words: Vec<String> = words.collect();
        if words.is_empty() { "no word".to_owned() } else { words.join(" ") }
    };
    holds("encoded-set-equals-model", expected == got).show(|| (say(expected), say(got)))
}

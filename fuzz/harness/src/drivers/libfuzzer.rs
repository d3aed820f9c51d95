//! The entry points of libFuzzer: an execution, a mutation, a crossover.
//!
//! A finding is a panic; libfuzzer-sys turns it into an abort, and libFuzzer writes the input.
//! Buckets of states go to libFuzzer as extra counters: to it they are coverage, as edges are.
//! Mutations are moves on operations, less a share that libFuzzer's own mutator gets.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::AnyTarget;
use crate::model::encoding::HEADER_BYTES;
use crate::states::{STATES_MAX, StateSet};

/// Of [`BYTE_MUTATIONS_OF`] mutations, those that libFuzzer's byte mutator makes: it has the
/// dictionary, and keeps the codec fuzzed.
const BYTE_MUTATIONS: u32 = 3;
const BYTE_MUTATIONS_OF: u32 = 10;

/// libFuzzer finds them by the name of their section (on Linux; elsewhere it sees none), reads them after each execution, and clears
/// them before the next.
#[used]
#[cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "the section's name is all that tells libFuzzer of the counters"),
    // SAFETY: the section has no meaning to the linker; libFuzzer touches it between executions alone.
    unsafe(link_section = "__libfuzzer_extra_counters")
)]
static EXTRA_COUNTERS: [AtomicU8; STATES_MAX] = [const { AtomicU8::new(0) }; STATES_MAX];

thread_local! {
    static MUTATED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// As [`super::execute`], and tells libFuzzer of the states.
///
/// # Panics
///
/// As that one.
pub fn execute(target: &'static dyn AnyTarget, bytes: &[u8]) {
    count(&super::execute(target, bytes));
}

fn count(states: &StateSet) {
    for place in states.places() {
        EXTRA_COUNTERS[place].store(1, Ordering::Relaxed);
    }
}

/// Mutates the input of `size` bytes at the start of `data`; returns its new size, `room` at most.
/// `byte_mutator` is libFuzzer's own.
///
/// # Panics
///
/// If there is no target of the name.
pub fn mutate(
    target: &'static dyn AnyTarget,
    data: &mut [u8],
    size: usize,
    room: usize,
    seed: u32,
    byte_mutator: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> usize {
    // Where there is room for settings alone, there are no operations to move.
    if seed % BYTE_MUTATIONS_OF < BYTE_MUTATIONS || room <= HEADER_BYTES {
        return byte_mutator(data, size, room);
    }
    MUTATED.with_borrow_mut(|mutated| {
        target.mutate(&data[..size], room, u64::from(seed), mutated);
        data[..mutated.len()].copy_from_slice(mutated);
        mutated.len()
    })
}

/// Makes one input of two, in `out`; returns its size.
///
/// # Panics
///
/// If there is no target of the name.
pub fn cross(
    target: &'static dyn AnyTarget,
    bytes: &[u8],
    other: &[u8],
    out: &mut [u8],
    seed: u32,
) -> usize {
    MUTATED.with_borrow_mut(|crossed| {
        target.cross(bytes, other, out.len(), u64::from(seed), crossed);
        out[..crossed.len()].copy_from_slice(crossed);
        crossed.len()
    })
}

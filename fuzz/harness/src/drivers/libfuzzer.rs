//! The entry points of libFuzzer: an execution, a mutation, a crossover.
//!
//! A finding is a panic. libfuzzer-sys turns it into an abort, and libFuzzer writes the input to a
//! file. The buckets of states are extra counters, which libFuzzer treats as coverage, like edges.
//! Mutations are moves on operations, except for a share that libFuzzer's own mutator makes.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::AnyTarget;
use crate::input::encoding::HEADER_BYTES;
use crate::states::{STATES_MAX, StateSet};

/// Of every [`BYTE_MUTATIONS_OF`] mutations, libFuzzer's byte mutator makes this many. The byte
/// mutator uses the dictionary and fuzzes the codec.
const BYTE_MUTATIONS: u32 = 3;
const BYTE_MUTATIONS_OF: u32 = 10;

/// The extra counters. libFuzzer finds them by the name of their section, on Linux only. It reads
/// them after each execution, and clears them before the next.
#[used]
#[cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "libFuzzer finds the counters by the section's name"),
    // SAFETY: the section has no meaning to the linker, and libFuzzer accesses it only between
    // executions.
    unsafe(link_section = "__libfuzzer_extra_counters")
)]
static EXTRA_COUNTERS: [AtomicU8; STATES_MAX] = [const { AtomicU8::new(0) }; STATES_MAX];

thread_local! {
    static MUTATED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Runs an input as [`super::execute`] does, and reports the states to libFuzzer.
///
/// # Panics
///
/// The same as [`super::execute`].
pub fn execute(target: &'static dyn AnyTarget, bytes: &[u8]) {
    count(&super::execute(target, bytes));
}

fn count(states: &StateSet) {
    for place in states.places() {
        EXTRA_COUNTERS[place].store(1, Ordering::Relaxed);
    }
}

/// Mutates the input of `size` bytes at the start of `data`. Returns its new size, at most `room`.
/// `byte_mutator` is libFuzzer's own mutator.
///
/// # Panics
///
/// If `size` or `room` is greater than the length of `data`.
pub fn mutate(
    target: &'static dyn AnyTarget,
    data: &mut [u8],
    size: usize,
    room: usize,
    seed: u32,
    byte_mutator: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> usize {
    // With room for settings alone, there are no operations to move.
    if seed % BYTE_MUTATIONS_OF < BYTE_MUTATIONS || room <= HEADER_BYTES {
        return byte_mutator(data, size, room);
    }
    MUTATED.with_borrow_mut(|mutated| {
        target.mutate(&data[..size], room, u64::from(seed), mutated);
        data[..mutated.len()].copy_from_slice(mutated);
        mutated.len()
    })
}

/// Joins two inputs into one, and writes it into `out`. Returns its size.
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

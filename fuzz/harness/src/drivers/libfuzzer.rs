//! The entry points of libFuzzer: an execution, a mutation, a crossover.
//!
//! A finding is a panic; libfuzzer-sys turns it into an abort, and libFuzzer writes the input.
//! Buckets of states go to libFuzzer as extra counters: to it they are coverage, as edges are.
//! Mutations are moves on operations, less a share that libFuzzer's own mutator gets.
//!
//! # Panics
//!
//! As said; also if there is no target of the name, or its file of counters cannot be mapped.

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::counters::{self, Counters, Figures};
use crate::model::encoding::HEADER_BYTES;
use crate::runner::Runner;
use crate::states::{STATES_MAX, StateSet};

/// Of [`BYTE_MUTATIONS_OF`] mutations, those that libFuzzer's byte mutator makes: it has the
/// dictionary, and keeps the codec fuzzed.
const BYTE_MUTATIONS: u32 = 3;
const BYTE_MUTATIONS_OF: u32 = 10;

/// libFuzzer finds them by the name of their section, reads them after each execution, and clears
/// them before the next.
#[used]
#[expect(unsafe_code, reason = "the section's name is all that tells libFuzzer of the counters")]
// SAFETY: the section has no meaning to the linker; libFuzzer touches it between executions alone.
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static EXTRA_COUNTERS: [AtomicU8; STATES_MAX] = [const { AtomicU8::new(0) }; STATES_MAX];

struct Process {
    runner: Box<dyn Runner>,
    counters: Option<Counters>,
    figures: Figures,
}

impl Process {
    fn new(target: &str) -> Self {
        let mut runner = find(target).runner();
        runner.set_canary(std::env::var_os(super::CANARY_VARIABLE).is_some());
        let counters = std::env::var_os(counters::VARIABLE).map(|path| {
            Counters::open(Path::new(&path))
                .unwrap_or_else(|error| panic!("{}: {error}", path.to_string_lossy()))
        });
        Process { runner, counters, figures: Figures::ZERO }
    }
}

thread_local! {
    static PROCESS: RefCell<Option<Process>> = const { RefCell::new(None) };
    static MUTATED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn find(target: &str) -> &'static dyn crate::AnyTarget {
    crate::find_target(target).unwrap_or_else(|| panic!("no target \"{target}\""))
}

/// Runs one input of target `target`, on the world of this process.
///
/// # Panics
///
/// With the failure, if the input fails.
pub fn execute(target: &'static str, bytes: &[u8]) {
    PROCESS.with_borrow_mut(|process| {
        let process = process.get_or_insert_with(|| Process::new(target));
        match process.runner.run(bytes) {
            Ok(run) => {
                process.figures.add(run.tally());
                count(&run.tally().states);
            }
            Err(failure) => panic!("{failure}"),
        }
        if let Some(counters) = &mut process.counters {
            counters.publish(&process.figures);
        }
    });
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
    target: &'static str,
    data: &mut [u8],
    size: usize,
    room: usize,
    seed: u32,
    byte_mutator: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> usize {
    // An input shorter than its header grows by bytes; the settings are few, and soon all seen.
    if seed % BYTE_MUTATIONS_OF < BYTE_MUTATIONS || room <= HEADER_BYTES {
        return byte_mutator(data, size, room);
    }
    MUTATED.with_borrow_mut(|mutated| {
        find(target).mutate(&data[..size], room, u64::from(seed), mutated);
        data[..mutated.len()].copy_from_slice(mutated);
        mutated.len()
    })
}

/// Makes one input of two, in `out`; returns its size.
///
/// # Panics
///
/// If there is no target of the name.
pub fn cross(target: &'static str, bytes: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    MUTATED.with_borrow_mut(|crossed| {
        find(target).cross(bytes, other, out.len(), u64::from(seed), crossed);
        out[..crossed.len()].copy_from_slice(crossed);
        crossed.len()
    })
}

//! The entry points of libFuzzer: an execution, a mutation, a crossover.
//!
//! A finding is a panic. libfuzzer-sys turns it into an abort, and libFuzzer writes the input to a
//! file. The buckets of states, and pairs, are extra counters, which libFuzzer treats as coverage,
//! like edges.
//! Mutations are moves on operations, except for a share that libFuzzer's own mutator makes, and a
//! share that draws whole histories.

use std::cell::RefCell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use super::execution;
use crate::AnyTarget;
use crate::input::encoding::HEADER_BYTES;
use crate::mutator::{Share, Way};
use crate::protocol::Part;
use crate::protocol::pairs::PAIRS_MAX;
use crate::states::{STATES_MAX, StateSet};

/// Of every [`BYTE_MUTATIONS_OF`] mutations, libFuzzer's byte mutator makes this many. The byte
/// mutator uses the dictionary and fuzzes the codec.
const BYTE_MUTATIONS: u32 = 3;
const BYTE_MUTATIONS_OF: u32 = 10;

/// Makes a static of counters that libFuzzer reads. It finds them by the name of their section, on
/// Linux only. It reads them after each execution, and clears them before the next.
macro_rules! extra_counters {
    ($(#[$about:meta])* $NAME:ident $count:expr) => {
        $(#[$about])*
        #[used]
        #[cfg_attr(
            target_os = "linux",
            expect(unsafe_code, reason = "libFuzzer finds the counters by the section's name"),
            // SAFETY: the section has no meaning to the linker, and libFuzzer accesses it only
            // between executions.
            unsafe(link_section = "__libfuzzer_extra_counters")
        )]
        static $NAME: [AtomicU8; $count] = [const { AtomicU8::new(0) }; $count];
    };
}

extra_counters! {
    /// The counters of states.
    STATE_COUNTERS STATES_MAX
}

extra_counters! {
    /// The counters of pairs.
    PAIR_COUNTERS PAIRS_MAX
}

/// The mutations that libFuzzer applies to an input of the corpus, one after the other, unless one
/// of them brings new coverage: its `-mutate_depth`.
const SEQUENCE: u32 = 5;

thread_local! {
    static MUTATIONS: RefCell<Mutations> = RefCell::new(Mutations::new());
}

/// Whether states are coverage.
static COUNTS_STATES: LazyLock<bool> = LazyLock::new(|| Part::States.is_in());

/// Runs an input as [`super::execute`] does, and reports states and pairs to libFuzzer.
///
/// # Panics
///
/// The same as [`super::execute`].
pub fn execute(target: &'static dyn AnyTarget, bytes: &[u8]) {
    let states = execution::execute_guided(target, bytes, &PAIR_COUNTERS);
    if *COUNTS_STATES {
        count(&states);
    }
}

fn count(states: &StateSet) {
    for place in states.places() {
        STATE_COUNTERS[place].store(1, Ordering::Relaxed);
    }
}

/// The mutations of this process.
///
/// libFuzzer does not say whether an input brought new coverage, but its calls show it. It takes an
/// input of the corpus and mutates it [`SEQUENCE`] times, each time the result of the time before.
/// It ends such a sequence early if a result is new to the corpus. A call that does not continue
/// with the last result begins a sequence.
struct Mutations {
    share: Share,
    /// Whether operations are mutated. Otherwise libFuzzer's byte mutator makes every mutation.
    moves: bool,
    /// How the inputs of the current sequence are made.
    way: Way,
    /// The number of calls of the current sequence.
    calls: u32,
    /// The result of the last call.
    result: Vec<u8>,
}

impl Mutations {
    fn new() -> Self {
        let share = Share::of_environment();
        let moves = Part::Mutator.is_in();
        Mutations { share, moves, way: Way::Change, calls: 0, result: Vec::new() }
    }

    /// Begins a call for the input `bytes`. Returns how its result is made.
    fn begin(&mut self, bytes: &[u8], seed: u32) -> Way {
        let continues = bytes == self.result && self.calls < SEQUENCE;
        if self.calls > 0 {
            self.share.learn(self.way, !continues && self.calls < SEQUENCE);
        }
        if !continues {
            self.way = self.share.choose(u64::from(seed));
            self.calls = 0;
        }
        self.calls += 1;
        self.way
    }
}

/// Mutates the input of `size` bytes at the start of `data`, or draws a whole history in its place.
/// Returns the size of the result, at most `room`. `byte_mutator` is libFuzzer's own mutator.
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
    MUTATIONS.with_borrow_mut(|mutations| {
        let way = mutations.begin(&data[..size], seed);
        let result = &mut mutations.result;
        match way {
            Way::Draw => target.draw(room, u64::from(seed), result),
            // With room for settings alone, there are no operations to move.
            Way::Change
                if !mutations.moves
                    || seed % BYTE_MUTATIONS_OF < BYTE_MUTATIONS
                    || room <= HEADER_BYTES =>
            {
                let size = byte_mutator(data, size, room);
                result.clear();
                result.extend_from_slice(&data[..size]);
                return size;
            }
            Way::Change => target.mutate(&data[..size], room, u64::from(seed), result),
        }
        data[..result.len()].copy_from_slice(result);
        result.len()
    })
}

/// Joins two inputs into one, or draws a whole history, and writes the result into `out`. Returns
/// its size. `byte_mutator` is libFuzzer's own mutator.
pub fn cross(
    target: &'static dyn AnyTarget,
    bytes: &[u8],
    other: &[u8],
    out: &mut [u8],
    seed: u32,
    byte_mutator: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> usize {
    MUTATIONS.with_borrow_mut(|mutations| {
        let way = mutations.begin(bytes, seed);
        let result = &mut mutations.result;
        match way {
            Way::Draw => target.draw(out.len(), u64::from(seed), result),
            Way::Change if !mutations.moves => {
                let size = bytes.len().min(out.len());
                out[..size].copy_from_slice(&bytes[..size]);
                let size = byte_mutator(out, size, out.len());
                result.clear();
                result.extend_from_slice(&out[..size]);
                return size;
            }
            Way::Change => target.cross(bytes, other, out.len(), u64::from(seed), result),
        }
        out[..result.len()].copy_from_slice(result);
        result.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the calls of a sequence, which ends after `calls` of them. Returns the way.
    fn sequence(mutations: &mut Mutations, calls: u32, seed: u32) -> Way {
        let mut input = b"an input of the corpus".to_vec();
        for call in 0..calls {
            mutations.begin(&input, seed);
            input = format!("result {call} of {seed}").into_bytes();
            mutations.result.clone_from(&input);
        }
        mutations.way
    }

    /// Returns how often 1,000 sequences draw, of which those that draw have `drawn` calls, and the
    /// others `changed`.
    fn draws(drawn: u32, changed: u32) -> usize {
        let mut mutations = Mutations::new();
        let sequences = (0..1000).filter(|seed| {
            let way = mutations.share.choose(u64::from(*seed));
            let calls = if way == Way::Draw { drawn } else { changed };
            assert_eq!(sequence(&mut mutations, calls, *seed), way);
            way == Way::Draw
        });
        sequences.count()
    }

    #[test]
    fn a_sequence_that_ends_early_brought_new_coverage() {
        assert!(draws(1, SEQUENCE) > 800);
        assert!(draws(SEQUENCE, 1) < 200);
    }
}

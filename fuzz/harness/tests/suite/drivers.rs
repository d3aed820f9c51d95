//! The process of a driver: it has one world for all inputs, and a new world after a panic. The
//! mutator of AFL++.

use std::panic::catch_unwind;

use downbeat::drivers;
use downbeat::drivers::afl::Mutator;
use downbeat::input::encoding::Header;
use downbeat::input::operations;
use downbeat::states::{State, StateGroup};
use downbeat::{AnyTarget, AnyWorld, Budget, Divergence, Entry, Listing, Run, Target, World};

operations! {
    settings [];

    /// An operation on the toy.
    pub enum Operation {
        /// Does nothing.
        0 "live" Write 8 => Live,
        /// Panics.
        1 "die" Write 8 => Die,
    }
}

/// A state whose bucket is the number of runs of a world.
const GROUPS: &[StateGroup] = &[StateGroup::new("runs of this world", 8)];
const RUNS: State = State::of(GROUPS, 0);

/// A world that counts its runs. Other worlds forget earlier runs; this one does not, so that a
/// test can tell a new world from a used one.
#[derive(Default)]
struct ToyWorld {
    runs: usize,
}

impl World for ToyWorld {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, run: &mut Run) -> Result<(), Divergence> {
        self.runs += 1;
        run.state(RUNS, self.runs);
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, _run: &mut Run) -> Result<(), Divergence> {
        assert!(matches!(operation, Operation::Live), "toy: it is told to panic");
        Ok(())
    }
}

struct Toy<const NUMBER: usize>;

impl<const NUMBER: usize> Target for Toy<NUMBER> {
    const LISTING: Listing = Listing {
        name: ["first", "second"][NUMBER],
        about: "counts the runs of its world",
        has_device: false,
        is_adapter: false,
        budget: Budget { steps: 1 << 16, input_bytes: 64, search_seconds: 120 },
    };
    const EVENTS: &'static [&'static str] = &[];
    const STATES: &'static [StateGroup] = GROUPS;
    type Operation = Operation;

    fn world(_geometry: &Header) -> AnyWorld<Operation> {
        Box::<ToyWorld>::default()
    }
}

static FIRST: Entry<Toy<0>> = Entry::ROW;
static SECOND: Entry<Toy<1>> = Entry::ROW;

/// Runs the text on `target`. Returns the number of runs of its world so far, including this run.
fn runs(target: &'static dyn AnyTarget, text: &str) -> usize {
    let input = target.encode(text).expect("well-formed");
    let states = drivers::execute(target, &input);
    states.places().next().expect("every run marks a state")
}

#[test]
fn inputs_of_one_target_share_a_world() {
    assert_eq!([(); 3].map(|()| runs(&FIRST, "live\n")), [1, 2, 3]);
}

#[test]
fn an_input_after_a_panic_and_an_input_of_another_target_run_on_new_worlds() {
    assert_eq!([(); 2].map(|()| runs(&FIRST, "live\n")), [1, 2]);
    assert!(catch_unwind(|| runs(&FIRST, "die\n")).is_err());
    assert_eq!([(); 2].map(|()| runs(&FIRST, "live\n")), [1, 2]);
    assert_eq!(runs(&SECOND, "live\n"), 1);
    assert_eq!(runs(&FIRST, "live\n"), 1);
}

/// Makes 1,000 inputs from an input of one operation. Calls `was_run` with each before the next is
/// made. Returns the number of operations of each.
fn make(seed: u64, mut was_run: impl FnMut(&mut Mutator, usize)) -> Vec<usize> {
    let (bytes, other) = ("live\n", "live\nlive\n");
    let [bytes, other] = [bytes, other].map(|text| FIRST.encode(text).expect("well-formed"));
    let mut mutator = Mutator::new(&FIRST, seed);
    mutator.begin();
    let made = (0..1000).map(|_| {
        let made = mutator.make(&bytes, &other).to_vec();
        assert!(made.len() <= FIRST.listing().budget.input_bytes);
        let count = FIRST.count_operations(&made);
        was_run(&mut mutator, count);
        count
    });
    made.collect()
}

#[test]
fn the_mutator_of_afl_draws_more_histories_if_they_are_what_is_new() {
    const LONG: usize = 12;
    let long = |counts: &[usize]| counts.iter().filter(|count| **count >= LONG).count();
    let new_if_long = make(1, |mutator, count| {
        if count >= LONG {
            mutator.gain();
        }
    });
    let new_if_short = make(1, |mutator, count| {
        if count < LONG {
            mutator.gain();
        }
    });
    assert!(long(&new_if_long) > 2 * long(&new_if_short));
}

#[test]
fn the_inputs_of_the_mutator_of_afl_depend_on_its_seed() {
    let [first, again, other] = [1, 1, 2].map(|seed| make(seed, |_, _| ()));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

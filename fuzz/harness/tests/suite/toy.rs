//! The traits on a toy: cells on a disk, a crash, a reopen, two lookups in flight.
//!
//! What the tree needs of [`Target`] and [`World`], in miniature: work that outlives the operation
//! that started it, states that a crash may leave, and an end of the run that waits, with a bound.

use downbeat::generator::Length;
use downbeat::model::encoding::{Header, Key};
use downbeat::model::operations;
use downbeat::targets::Entry;
use downbeat::{AnyTarget, Budget, Divergence, Run, Target, World};

const CELLS: usize = 8;
const IN_FLIGHT_MAX: usize = 2;

operations! {
    settings [];

    /// One operation on the toy.
    pub enum Operation {
        /// Writes a cell, not yet durable.
        0 "put" Write 8 => Put { key: Key },
        /// Makes what was written durable.
        1 "flush" Structure 3 => Flush,
        /// Loses what is not durable and whatever is in flight, and opens again.
        2 "crash" Structure 2 => Crash,
        /// Starts a lookup.
        3 "ask" Read 6 => Ask { key: Key },
        /// Lets the disk complete one lookup.
        4 "step" Structure 6 => Step,
    }
}

/// The system: a disk with a volatile cache, and lookups that wait for it.
#[derive(Default)]
struct Store {
    durable: [u64; CELLS],
    written: [Option<u64>; CELLS],
    in_flight: Vec<usize>,
}

/// The toy's world. With `FLUSHES` false, its flush does nothing: the bug that must be found.
struct ToyWorld<const FLUSHES: bool> {
    store: Store,
    now: [u64; CELLS],
    at_flush: [u64; CELLS],
    writes: u64,
}

impl<const FLUSHES: bool> ToyWorld<FLUSHES> {
    fn step(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let Some(cell) = (!self.store.in_flight.is_empty()).then(|| self.store.in_flight.remove(0))
        else {
            run.idle();
            return Ok(());
        };
        run.step();
        let got = self.store.written[cell].unwrap_or(self.store.durable[cell]);
        run.result(got);
        let expected = self.now[cell];
        if got == expected {
            return Ok(());
        }
        Err(Divergence {
            check: "ask-equals-model",
            what: "a cell has another value than was written",
            expected: format!("#{expected}"),
            got: format!("#{got}"),
            state: vec![format!("cell {cell}")],
        })
    }

    fn ask(&mut self, cell: usize, run: &mut Run) -> Result<(), Divergence> {
        if self.store.in_flight.len() == IN_FLIGHT_MAX {
            run.redirected(|| "the disk completes one lookup first".to_owned());
            self.step(run)?;
        }
        self.store.in_flight.push(cell);
        Ok(())
    }
}

impl<const FLUSHES: bool> World for ToyWorld<FLUSHES> {
    type Operation = Operation;

    fn new() -> Self {
        let zero = [0; CELLS];
        ToyWorld { store: Store::default(), now: zero, at_flush: zero, writes: 0 }
    }

    fn open(&mut self, _header: &Header, _run: &mut Run) {
        *self = Self::new();
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        let cell = |key: Key| key.literal() as usize % CELLS;
        match *operation {
            Operation::Put { key } => {
                self.writes += 1;
                run.step();
                self.store.written[cell(key)] = Some(self.writes);
                self.now[cell(key)] = self.writes;
                run.keys.wrote(key.literal());
            }
            Operation::Flush => {
                run.step();
                for (durable, written) in self.store.durable.iter_mut().zip(&self.store.written) {
                    *durable = written.filter(|_| FLUSHES).unwrap_or(*durable);
                }
                self.at_flush = self.now;
            }
            Operation::Crash => {
                run.event(0, 1);
                self.store = Store { durable: self.store.durable, ..Store::default() };
                self.now = self.at_flush;
            }
            Operation::Ask { key } => return self.ask(cell(key), run),
            Operation::Step => return self.step(run),
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        for cell in 0..CELLS {
            self.ask(cell, run)?;
        }
        for _ in 0..IN_FLIGHT_MAX {
            self.step(run)?;
        }
        assert!(self.store.in_flight.is_empty(), "toy: every lookup ends");
        Ok(())
    }
}

struct Toy<const FLUSHES: bool>;

impl<const FLUSHES: bool> Target for Toy<FLUSHES> {
    const NAME: &'static str = "toy";
    const ABOUT: &'static str = "cells on a disk";
    const EVENTS: &'static [&'static str] = &["crash"];
    const BUDGET: Budget = Budget { steps: 1 << 16, input_bytes: 256 };
    type Operation = Operation;
    type World = ToyWorld<FLUSHES>;
}

/// The first generated input that fails, and how.
fn first_failure(target: &dyn AnyTarget) -> Option<(Vec<u8>, downbeat::Failure)> {
    let mut runner = target.runner();
    let mut bytes = Vec::new();
    (0..2_000).find_map(|number| {
        target.generate(1, number, Length::Short, &mut bytes);
        let failure = runner.judge(&bytes, false).failure?;
        Some((bytes.clone(), *failure))
    })
}

#[test]
fn a_right_store_passes_whatever_crashes() {
    assert_eq!(first_failure(&Entry::<Toy<true>>::ROW), None);
}

#[test]
fn a_flush_that_does_nothing_is_found_behind_a_crash() {
    let target = &Entry::<Toy<false>>::ROW;
    let (bytes, failure) = first_failure(target).expect("2,000 inputs find it");
    assert_eq!(failure.check, "toy/ask-equals-model");
    let again = target.encode(&target.show(&bytes)).expect("it was printed");
    let repeated = target.runner().judge(&again, false).failure.expect("it fails again");
    assert_eq!(repeated.identity, failure.identity);
}

#[test]
fn what_the_end_of_a_run_does_is_no_operation() {
    let target = &Entry::<Toy<true>>::ROW;
    let mut runner = target.runner();
    // The end asks for more cells than may be in flight, which an operation would count.
    let run = runner.run(&[]).expect("an empty history is right");
    assert_eq!(
        (run.tally().operations, run.tally().redirected, run.tally().effective()),
        (0, 0, 0)
    );
}

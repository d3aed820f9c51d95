//! The traits on a toy: cells on a disk, a crash that keeps some unflushed cells, a reopening, and
//! two lookups in flight that complete in any order.
//!
//! The toy uses the same features of [`Target`] and [`World`] as the tree does: work that outlives
//! the operation that started it, a crash that may leave one of several states, random decisions
//! that do not come from a stream, and a bounded wait at the end of the run.

use downbeat::generator::{Length, Profile};
use downbeat::input::encoding::{Header, Key};
use downbeat::input::operations;
use downbeat::{AnyTarget, AnyWorld, Budget, Divergence, Entry, Listing, Run, Target, World};

const CELLS: usize = 8;
const IN_FLIGHT_MAX: usize = 2;

operations! {
    settings [
        /// The schedule of the random decisions.
        SCHEDULE: "schedule" = Byte,
    ];

    /// An operation on the toy.
    pub enum Operation {
        /// Writes a cell, which is not durable yet.
        0 "put" Write 8 => Put { key: Key },
        /// Makes all writes durable.
        1 "flush" Structure 3 => Flush,
        /// Loses some of the cells that are not durable and everything in flight, and opens again.
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

/// The toy's world. If `FLUSHES` is false, its flush does nothing, which is the bug to find.
#[derive(Default)]
pub(crate) struct ToyWorld<const FLUSHES: bool> {
    store: Store,
    now: [u64; CELLS],
    at_flush: [u64; CELLS],
    writes: u64,
}

impl<const FLUSHES: bool> ToyWorld<FLUSHES> {
    /// Checks a cell that was looked up, or that survived a crash: it must hold one of these
    /// values.
    fn check(cell: usize, expected: [u64; 2], got: u64) -> Result<(), Divergence> {
        if expected.contains(&got) {
            return Ok(());
        }
        Err(Divergence {
            check: "cell-equals-model",
            what: "a cell has another value than was written",
            expected: format!("#{} or #{}", expected[0], expected[1]),
            got: format!("#{got}"),
            state: vec![format!("cell {cell}")],
        })
    }

    /// Completes a random lookup in flight. Returns whether there was one.
    fn step(&mut self, run: &mut Run) -> Result<bool, Divergence> {
        let waiting = self.store.in_flight.len() as u64;
        if waiting == 0 {
            return Ok(false);
        }
        let cell = self.store.in_flight.remove((run.luck(waiting) % waiting) as usize);
        run.step();
        let got = self.store.written[cell].unwrap_or(self.store.durable[cell]);
        run.result(got);
        Self::check(cell, [self.now[cell]; 2], got).map(|()| true)
    }

    fn ask(&mut self, cell: usize, run: &mut Run) -> Result<(), Divergence> {
        if self.store.in_flight.len() == IN_FLIGHT_MAX {
            run.redirected(|| "step".to_owned());
            self.step(run)?;
        }
        self.store.in_flight.push(cell);
        Ok(())
    }

    fn crash(&mut self, run: &mut Run) -> Result<(), Divergence> {
        run.event(0, 1);
        let lost = std::mem::take(&mut self.store);
        self.store.durable = lost.durable;
        for cell in 0..CELLS {
            let spared = run.luck(cell as u64).is_multiple_of(2);
            self.store.durable[cell] =
                lost.written[cell].filter(|_| spared).unwrap_or(lost.durable[cell]);
            // Each cell, independently, has its last written or its last flushed value. From now on
            // it keeps this value.
            let got = self.store.durable[cell];
            Self::check(cell, [self.now[cell], self.at_flush[cell]], got)?;
            (self.now[cell], self.at_flush[cell]) = (got, got);
        }
        Ok(())
    }
}

impl<const FLUSHES: bool> World for ToyWorld<FLUSHES> {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        *self = Self::default();
        Ok(())
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
                for cell in 0..CELLS {
                    let written = self.store.written[cell].filter(|_| FLUSHES);
                    self.store.durable[cell] = written.unwrap_or(self.store.durable[cell]);
                }
                self.at_flush = self.now;
            }
            Operation::Crash => return self.crash(run),
            Operation::Ask { key } => return self.ask(cell(key), run),
            Operation::Step => {
                if !self.step(run)? {
                    run.idle();
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
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

pub(crate) struct Toy<const FLUSHES: bool>;

impl<const FLUSHES: bool> Target for Toy<FLUSHES> {
    const LISTING: Listing = Listing {
        name: "toy",
        about: "cells on a disk",
        has_device: false,
        is_adapter: false,
        budget: Budget { steps: 1 << 16, input_bytes: 256, search_seconds: 120 },
    };
    const EVENTS: &'static [&'static str] = &["crash"];
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    type Operation = Operation;

    fn world(_geometry: &Header) -> AnyWorld<Operation> {
        Box::<ToyWorld<FLUSHES>>::default()
    }
}

/// Returns the first generated input that fails, and its failure.
fn first_failure(target: &dyn AnyTarget) -> Option<(Vec<u8>, downbeat::Failure)> {
    let mut runner = target.runner();
    let mut bytes = Vec::new();
    (0..2_000).find_map(|number| {
        target.generate(Profile::Swarm, 1, number, Length::Short, &mut bytes);
        let failure = runner.judge(&bytes, false).failure?;
        Some((bytes.clone(), *failure))
    })
}

#[test]
fn a_correct_store_passes_with_any_crash() {
    assert_eq!(first_failure(&Entry::<Toy<true>>::ROW), None);
}

#[test]
fn a_flush_that_does_nothing_is_detected_after_a_crash() {
    let target = &Entry::<Toy<false>>::ROW;
    let (bytes, failure) = first_failure(target).expect("one of 2,000 inputs fails");
    assert_eq!(failure.check, "toy/cell-equals-model");
    let again = target.encode(&target.show(&bytes)).expect("a printed text is valid");
    let repeated = target.runner().judge(&again, false).failure.expect("the input fails again");
    assert_eq!(repeated.identity, failure.identity);
}

#[test]
fn another_schedule_gives_another_run_of_the_same_operations() {
    let target = &Entry::<Toy<true>>::ROW;
    let text = |schedule| format!("schedule {schedule}\nput 1\nput 2\nput 3\nput 4\ncrash\n");
    let digest = |schedule: u8| {
        let input = target.encode(&text(schedule)).expect("well-formed");
        target.runner().judge(&input, false).run.digest()
    };
    let digests: std::collections::BTreeSet<u64> = (0..64).map(digest).collect();
    assert!(digests.len() > 8, "of 16 states that the crash may leave, {}", digests.len());
    assert_eq!(digest(7), digest(7));
}

#[test]
fn the_end_of_a_run_is_not_counted_as_an_operation() {
    let target = &Entry::<Toy<true>>::ROW;
    let mut runner = target.runner();
    // The end of the run starts more lookups than may be in flight. In an operation, this would
    // count as redirected.
    let run = runner.run(&[]).expect("an empty history is right");
    assert_eq!(
        (run.tally().operations, run.tally().redirected, run.tally().effective()),
        (0, 0, 0)
    );
}

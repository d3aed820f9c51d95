//! One execution: what libFuzzer, AFL++, honggfuzz and bolero call for every input.
//!
//! Invariants:
//!
//! * One world a process, which every input reuses; the input after a failure gets a new one.
//! * Figures are added to the file of counters, not set: a driver may replace its process, or have
//!   several, and the sums stay right.
//!
//! A failure is a panic. Turning it into what the driver takes for a crash is the matter of the
//! driver's own crate.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::AnyTarget;
use crate::counters::{self, Counters, Figures};
use crate::generator::Length;
use crate::runner::Runner;
use crate::states::StateSet;

struct Process {
    target: &'static dyn AnyTarget,
    runner: Box<dyn Runner>,
    counters: Option<Counters>,
}

impl Process {
    fn new(target: &'static dyn AnyTarget) -> Self {
        let mut runner = target.runner();
        runner.set_canary(std::env::var_os(crate::protocol::CANARY_VARIABLE).is_some());
        let counters = std::env::var_os(counters::VARIABLE).map(|path| {
            Counters::open(Path::new(&path))
                .unwrap_or_else(|error| panic!("{}: {error}", path.to_string_lossy()))
        });
        // A driver that shares its figures was started by `downbeat`.
        if counters.is_some() {
            super::orphan::end_with_parent();
        }
        Process { target, runner, counters }
    }
}

thread_local! {
    static PROCESS: Cell<Option<Process>> = const { Cell::new(None) };
}

/// The process of target `target`, taken out while it is at work: what a panic leaves behind is in no
/// state to run another input.
fn take(target: &'static dyn AnyTarget) -> Process {
    let process = PROCESS.take().filter(|process| process.target.name() == target.name());
    process.unwrap_or_else(|| Process::new(target))
}

/// Runs generated inputs, for a moment and without counting them, so that the world has grown to what
/// inputs need: a table that grows is coverage, too, of whichever input happens to be the first to need
/// it. What fails is left for the driver to find.
///
/// # Panics
///
/// As [`open`].
pub fn prepare(target: &'static dyn AnyTarget) {
    const INPUTS: u64 = 512;
    const TIME: Duration = Duration::from_millis(500);
    let start = Instant::now();
    let mut process = take(target);
    let mut bytes = Vec::new();
    for number in 0..INPUTS {
        if start.elapsed() > TIME {
            break;
        }
        process.target.generate(0, number, Length::Long, &mut bytes);
        process.runner.judge(&bytes, false);
    }
    PROCESS.set(Some(process));
}

/// Makes a world ready for an input of target `target`, and runs nothing. For a driver that compares
/// the coverage of an input with that of the same input run again: opening a world does what the
/// input before it left to be done. Called before, it takes that upon itself.
///
/// # Panics
///
/// If there is no such target, or its file of counters cannot be mapped.
pub fn open(target: &'static dyn AnyTarget, bytes: &[u8]) {
    let mut process = take(target);
    process.runner.open(bytes);
    PROCESS.set(Some(process));
}

/// Runs one input of target `target`, on the world of this process; the states that it saw.
///
/// # Panics
///
/// With the failure, if the input fails; also as [`open`].
pub fn execute(target: &'static dyn AnyTarget, bytes: &[u8]) -> StateSet {
    let mut process = take(target);
    let states = match process.runner.run(bytes) {
        Ok(run) => {
            let mut figures = Figures::ZERO;
            figures.add(run.tally());
            if let Some(counters) = &mut process.counters {
                counters.add(&figures);
            }
            figures.states
        }
        Err(failure) => panic!("{failure}"),
    };
    PROCESS.set(Some(process));
    states
}

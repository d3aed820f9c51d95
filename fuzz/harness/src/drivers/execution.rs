//! An execution: what libFuzzer, AFL++, honggfuzz and bolero call for every input.
//!
//! Invariants:
//!
//! * A process has one world, which every input reuses. The input after a failure gets a new world.
//! * Figures are added to the file of counters, not set. The sums stay right if a driver replaces
//!   its process, or has several.
//!
//! A failure is a panic. The crate of each driver turns it into a crash that the driver recognizes.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::AnyTarget;
use crate::counters::{self, Counters, Figures};
use crate::generator::{Length, Profile};
use crate::pairs;
use crate::runner::Runner;
use crate::states::StateSet;

use super::pending::Pending;

struct Process {
    target: &'static dyn AnyTarget,
    runner: Box<dyn Runner>,
    counters: Option<Counters>,
    pending: Pending,
    /// Whether the runner marks pairs.
    is_guided: bool,
}

impl Process {
    fn execute(&mut self, bytes: &[u8]) -> StateSet {
        match self.runner.run(bytes) {
            Ok(run) => {
                let mut figures = Figures::ZERO;
                figures.add(run.tally());
                if let Some(counters) = &mut self.counters {
                    counters.add(&figures);
                    counters.raise_pairs(run.pairs.count());
                    self.pending.add(run.tally(), counters);
                }
                figures.states
            }
            Err(failure) => panic!("{failure}"),
        }
    }

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
        Process { target, runner, counters, pending: Pending::NOTHING, is_guided: false }
    }
}

thread_local! {
    static PROCESS: Cell<Option<Process>> = const { Cell::new(None) };
}

/// Calls `call` with the state of this process for `target`. If the call panics, the state is
/// dropped, because it may be unable to run another input.
fn with<R>(target: &'static dyn AnyTarget, call: impl FnOnce(&mut Process) -> R) -> R {
    let process = PROCESS.take().filter(|process| process.target.name() == target.name());
    let mut process = process.unwrap_or_else(|| Process::new(target));
    let returned = call(&mut process);
    PROCESS.set(Some(process));
    returned
}

/// Runs generated inputs for a moment, without counting them, so that the world grows to the size
/// that inputs need. The growth of a table is coverage too, and would be credited to the first
/// input that needs it. Failures are left to the driver.
///
/// # Panics
///
/// The same as [`open`].
pub fn prepare(target: &'static dyn AnyTarget) {
    const INPUTS: u64 = 512;
    const TIME: Duration = Duration::from_millis(500);
    let start = Instant::now();
    let mut bytes = Vec::new();
    with(target, |process| {
        for number in (0..INPUTS).take_while(|_| start.elapsed() <= TIME) {
            target.generate(Profile::Swarm, 0, number, Length::Long, &mut bytes);
            process.runner.judge(&bytes, false);
        }
    });
}

/// Opens the world for an input of `target` without running it. Opening a world does the work
/// that the input before it left behind. A driver that compares the coverage of two runs of the
/// same input calls this before each run, so that the runs do not differ in this work.
///
/// # Panics
///
/// If the file of counters cannot be mapped.
pub fn open(target: &'static dyn AnyTarget, bytes: &[u8]) {
    with(target, |process| process.runner.open(bytes));
}

/// Runs an input of `target` on the world of this process. Returns the states that the run reached.
///
/// # Panics
///
/// If the input fails (the message is the failure), and as [`open`].
pub fn execute(target: &'static dyn AnyTarget, bytes: &[u8]) -> StateSet {
    with(target, |process| process.execute(bytes))
}

/// Runs an input as [`execute`] does, and marks the pairs that it combines in `counters`.
///
/// # Panics
///
/// The same as [`execute`].
pub(super) fn execute_guided(
    target: &'static dyn AnyTarget,
    bytes: &[u8],
    counters: &'static pairs::Counters,
) -> StateSet {
    with(target, |process| {
        if !std::mem::replace(&mut process.is_guided, true) {
            process.runner.set_pairs(counters);
        }
        process.execute(bytes)
    })
}

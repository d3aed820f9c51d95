//! Runs inputs on reused worlds.
//!
//! Invariants:
//!
//! * A runner keeps at most [`Target::KEPT`] worlds, one for each geometry. A run opens the world
//!   of its geometry again if it is kept, and makes a new one otherwise. If `KEPT` is 0, every run
//!   has a new world. After a failure the worlds are replaced, because a panic may leave them in
//!   any state.
//! * The runner allocates nothing for an operation unless the run is explained.
//! * With the canary, every input with [`CANARY_OPERATIONS`] or more effective operations fails. A
//!   pipeline that does not report the canary would not report a real failure either.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::check::{Checked, holds};
use crate::disk::Armed;
use crate::failure::{Divergence, Failure};
use crate::input::encoding::text::line;
use crate::input::encoding::{ArgumentBytes, Header, Key, Operation, Operations};
use crate::pairs::{Counters, Phase};
use crate::run::{Run, Watcher};
use crate::tally::EVENTS_MAX;
use crate::target::Target;
use crate::worlds::ByGeometry;

/// The number of effective operations at which the canary fails.
pub const CANARY_OPERATIONS: u64 = 8;

/// Runs the inputs of a target.
pub trait Runner {
    /// Runs an input. A panic of the system passes to the caller.
    ///
    /// # Errors
    ///
    /// The first answer that the model does not allow.
    fn run(&mut self, bytes: &[u8]) -> Result<&Run, Box<Failure>>;

    /// Runs an input, and turns a panic into a failure. With `explain`, the run records each
    /// operation and what happened, up to the failure.
    fn judge(&mut self, bytes: &[u8], explain: bool) -> Verdict<'_>;

    /// Opens the world as a run of this input does, without running the input. The next run then
    /// does not pay for the work that earlier inputs left behind.
    fn open(&mut self, bytes: &[u8]);

    /// Switches the canary on or off from now on.
    fn set_canary(&mut self, on: bool);

    /// Sets a fault that strikes in every run from now on, in addition to those of the input, if
    /// the world has a simulated disk.
    fn set_interference(&mut self, interference: Option<Armed>);

    /// Counts pairs from now on. Marks those in `counters` that the environment does not leave out.
    fn set_pairs(&mut self, counters: &'static Counters);

    /// Sets the callback for the operations of explained runs.
    fn set_watcher(&mut self, watcher: Watcher);

    /// Replaces all worlds by new worlds, as in a new process.
    fn renew(&mut self);
}

/// The result of running an input.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// The run, up to the failure.
    pub run: &'a Run,
    /// The failure, if any.
    pub failure: Option<Box<Failure>>,
}

/// The runner of target `T`.
pub(crate) struct TargetRunner<T: Target> {
    worlds: ByGeometry<T>,
    run: Run,
    current: Option<T::Operation>,
    canary: bool,
}

impl<T: Target> TargetRunner<T> {
    pub(crate) fn new() -> Self {
        const { assert!(T::EVENTS.len() <= EVENTS_MAX, "a target has too many events") };
        TargetRunner { worlds: ByGeometry::new(), run: Run::new(), current: None, canary: false }
    }

    #[inline]
    fn open(&mut self, header: &Header, explain: bool) -> Checked {
        let schedule = T::SCHEDULE.map_or(0, |setting| header.index(setting) as u64);
        self.run.open(T::Operation::SETTINGS, header, schedule, explain);
        self.worlds.open(header, &mut self.run)
    }

    #[inline]
    fn execute(&mut self, bytes: &[u8], explain: bool) -> Checked {
        let operations = Operations::<T::Operation>::new(bytes);
        self.open(operations.header(), explain)?;
        for operation in operations {
            if self.run.tally().steps >= T::LISTING.budget.steps {
                break;
            }
            let ends = |landmark| self.worlds.landmark(landmark);
            let operation = operation.resolve(&mut self.run.keys, &ends);
            self.current = Some(operation);
            self.run.begin(operation.kind(), || line(&operation));
            if self.run.pairs.is_on() {
                self.begin_pairs(&operation);
            }
            if T::SCHEDULE.is_some() {
                let mut arguments = ArgumentBytes::new();
                operation.encode(&mut arguments);
                self.run.begin_luck(operation.kind(), arguments.without_trailing_zeros());
            }
            self.worlds.apply(&operation, &mut self.run)?;
            let operations = self.run.tally().operations;
            if T::SWEEP_FROM.is_some_and(|from| operations >= from && operations.is_power_of_two())
            {
                self.worlds.current().sweep(&mut self.run)?;
            }
            if self.canary {
                canary(&self.run)?;
            }
        }
        self.current = None;
        self.run.begin_end();
        self.worlds.close(&mut self.run)?;
        self.worlds.current().sweep(&mut self.run)?;
        self.worlds.current().finish(&mut self.run)
    }

    /// Begins an operation for the pairs.
    fn begin_pairs(&mut self, operation: &T::Operation) {
        let key = operation.key().map(Key::literal);
        let mut phase = Phase::default();
        self.worlds.current().phase(key, &mut phase);
        self.run.pairs.begin(operation.kind(), key, phase);
    }

    /// Returns the description of the world, or nothing if the failure left the world unable to
    /// describe itself.
    fn describe(&self) -> Vec<String> {
        catch_quietly(|| self.worlds.describe()).unwrap_or_default()
    }

    fn operation(&self) -> Option<(u64, String)> {
        let operation = self.current.as_ref()?;
        Some((self.run.tally().operations, line(operation)))
    }

    fn diverged(&mut self, divergence: Divergence) -> Box<Failure> {
        self.failed(Failure::diverged(T::LISTING.name, divergence, self.operation()))
    }

    fn failed(&mut self, mut failure: Failure) -> Box<Failure> {
        failure.state.extend(self.describe());
        self.renew();
        Box::new(failure)
    }
}

impl<T: Target> Runner for TargetRunner<T> {
    #[inline]
    fn run(&mut self, bytes: &[u8]) -> Result<&Run, Box<Failure>> {
        match self.execute(bytes, false) {
            Ok(()) => Ok(&self.run),
            Err(divergence) => Err(self.diverged(divergence)),
        }
    }

    fn judge(&mut self, bytes: &[u8], explain: bool) -> Verdict<'_> {
        let outcome = catch_quietly(|| self.execute(bytes, explain));
        let failure = match outcome {
            Ok(Ok(())) => None,
            Ok(Err(divergence)) => Some(self.diverged(divergence)),
            Err(Panicked { message, file, line }) => {
                let mut failure =
                    Failure::panicked(T::LISTING.name, &message, &file, self.operation());
                failure.state.push(format!("at {file}:{line}"));
                Some(self.failed(failure))
            }
        };
        Verdict { run: &self.run, failure }
    }

    fn open(&mut self, bytes: &[u8]) {
        // An error is ignored here, because the run fails in the same way and reports it.
        let _ = self.open(Operations::<T::Operation>::new(bytes).header(), false);
    }

    fn set_canary(&mut self, on: bool) {
        self.canary = on;
    }

    fn set_interference(&mut self, interference: Option<Armed>) {
        self.run.interference = interference;
    }

    fn set_pairs(&mut self, counters: &'static Counters) {
        self.run.pairs.switch_on(T::PAIRS, counters);
    }

    fn set_watcher(&mut self, watcher: Watcher) {
        self.run.watcher = Some(watcher);
    }

    fn renew(&mut self) {
        self.worlds = ByGeometry::new();
        self.current = None;
    }
}

/// The canary: a check that fails in every run with enough effective operations.
fn canary(run: &Run) -> Checked {
    let effective = run.tally().effective();
    holds("canary", effective < CANARY_OPERATIONS)
        .show(|| (format!("fewer than {CANARY_OPERATIONS} effective operations"), effective))
        .or("the canary was found, as it must be")
}

struct Panicked {
    message: String,
    file: String,
    line: u32,
}

thread_local! {
    /// `Some` while panics on this thread are kept, not printed.
    static KEPT: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// Calls `call`. Returns a panic instead of printing it.
fn catch_quietly<R>(call: impl FnOnce() -> R) -> Result<R, Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let kept = KEPT.with_borrow_mut(|kept| {
                let Some(panicked) = kept else { return false };
                panicked.message = info.payload_as_str().unwrap_or("a panic").to_owned();
                if let Some(location) = info.location() {
                    panicked.file = location.file().to_owned();
                    panicked.line = location.line();
                }
                true
            });
            if !kept {
                previous(info);
            }
        }));
    });
    KEPT.set(Some(Panicked { message: String::new(), file: String::new(), line: 0 }));
    let outcome = catch_unwind(AssertUnwindSafe(call));
    let panicked = KEPT.take();
    outcome.map_err(|_| panicked.expect("KEPT is set until it is taken"))
}

/// Returns whether an integer overflow panics in this build.
pub(crate) fn overflow_panics() -> bool {
    use std::hint::black_box;
    catch_quietly(|| black_box(black_box(u8::MAX) + black_box(1))).is_err()
}

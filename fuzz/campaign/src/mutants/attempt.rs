//! One attempt to kill a mutant.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::Result;
use downbeat_protocol::Listing;

use crate::build::{self, Speed};
use crate::observer::Silent;
use crate::planted::{Checkout, Found, Outcome, Replayed, Searcher, Trial, replay};

/// The name of an attempt that replays inputs.
pub(super) const REPLAY: &str = "replay";

/// The name of the attempt to compile the core.
pub(super) const COMPILER: &str = "compiler";

/// An attempt to kill a mutant.
#[derive(Clone, Copy)]
pub(super) enum Attempt<'a> {
    /// Compiles the core and the program of a target. The outcome is a finding if the core does not
    /// compile.
    Compile(&'static Listing),
    /// Runs the committed corpus of a target, and the inputs of its known bugs.
    Replay(&'static Listing),
    /// Searches for a finding in a target, for some CPU time.
    Search(&'static Listing, &'a Searcher, Duration),
}

impl Attempt<'_> {
    pub(super) fn target(&self) -> &'static Listing {
        let (Attempt::Compile(target) | Attempt::Replay(target) | Attempt::Search(target, ..)) =
            self;
        target
    }

    /// The name of what makes the attempt.
    pub(super) fn by(&self) -> String {
        match self {
            Attempt::Compile(_) => COMPILER.to_owned(),
            Attempt::Replay(_) => REPLAY.to_owned(),
            Attempt::Search(_, searcher, _) => searcher.to_string(),
        }
    }

    /// Makes the attempt on the copy, which has the mutant. Returns `None` if `stop` is set.
    pub(super) fn make(
        &self,
        checkout: &Checkout<'_>,
        stop: &AtomicBool,
    ) -> Result<Option<Outcome>> {
        match *self {
            Attempt::Compile(target) => compile(target, checkout, stop),
            Attempt::Replay(target) => {
                let replayed = replay(checkout, target, &checkout.passing(target), stop)?;
                Ok(replayed.map(outcome_of))
            }
            Attempt::Search(target, searcher, limit) => {
                Trial { target, searcher, seed: 1, limit }.run(checkout, stop)
            }
        }
    }
}

fn compile(
    target: &'static Listing,
    checkout: &Checkout<'_>,
    stop: &AtomicBool,
) -> Result<Option<Outcome>> {
    let start = Instant::now();
    let built = build::plain_program(checkout.project(), target, Speed::Soon, &mut Silent, stop);
    if super::trials::is_set(stop) {
        return Ok(None);
    }
    // The compiler finds some errors only when it makes a program, so `cargo check` does not tell.
    let found = match built {
        Ok(_) => None,
        Err(error) if format!("{error:#}").contains("error: could not compile") => {
            Some(found(COMPILER.to_owned()))
        }
        Err(error) => return Err(error),
    };
    Ok(Some(Outcome { cpu_seconds: start.elapsed().as_secs_f64(), executions: 0, found }))
}

/// The outcome of a replay.
fn outcome_of(replayed: Replayed) -> Outcome {
    let Replayed { executions, took, failure } = replayed;
    let found = failure.map(|failure| found(failure.check));
    Outcome { cpu_seconds: took.as_secs_f64(), executions, found }
}

fn found(check: String) -> Found {
    Found { check, operations: 0, fails_without_patch: None }
}

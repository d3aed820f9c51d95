//! The seeded driver: runs generated inputs, one after the other, without coverage.
//!
//! This driver is for long histories, for speed, and for platforms without instrumentation. The
//! seed and the number of an input determine the input of a target.

use std::time::{Duration, Instant};

use crate::AnyTarget;
use crate::counters::{Counters, Figures};
use crate::generator::{Length, Profile};
use crate::protocol::Failure;

use super::pending::Pending;

/// When a seeded run ends if it finds nothing.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this time, when the current execution has ended.
    Elapsed(Duration),
    /// After this many executions.
    Executions(u64),
}

/// The result of a seeded run.
#[derive(Debug)]
pub struct Outcome {
    /// The sums over all executions.
    pub figures: Figures,
    /// The input that failed, if any, and how.
    pub found: Option<(Vec<u8>, Box<Failure>)>,
}

/// Runs inputs of `target` that are generated from `seed`. Ends at the first failure, or when the
/// limit `until` is reached.
pub fn drive(
    target: &dyn AnyTarget,
    seed: u64,
    until: Until,
    canary: bool,
    mut counters: Option<Counters>,
) -> Outcome {
    let start = Instant::now();
    let mut runner = target.runner();
    runner.set_canary(canary);
    let mut figures = Figures::ZERO;
    let mut pending = Pending::NOTHING;
    let mut bytes = Vec::new();
    loop {
        let number = figures.executions;
        let ended = match until {
            Until::Elapsed(time) => start.elapsed() >= time,
            Until::Executions(count) => number >= count,
        };
        if ended {
            return Outcome { figures, found: None };
        }
        target.generate(Profile::Swarm, seed, number, Length::Long, &mut bytes);
        let verdict = runner.judge(&bytes, false);
        figures.add(verdict.run.tally());
        if let Some(counters) = &mut counters {
            counters.publish(&figures);
            pending.add(verdict.run.tally(), counters);
        }
        if let Some(failure) = verdict.failure {
            return Outcome { figures, found: Some((bytes, failure)) };
        }
    }
}

//! The seeded driver: generated inputs, one after the other, without coverage.
//!
//! What it is for: long histories, speed, and platforms without instrumentation. Input `n` of a
//! seed can be made again from the two numbers alone.

use std::time::{Duration, Instant};

use crate::AnyTarget;
use crate::counters::{Counters, Figures};
use crate::generator::Length;

/// When a seeded run ends, unless it finds something.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this time, once the execution at hand has ended.
    Elapsed(Duration),
    /// After this many executions.
    Executions(u64),
}

/// What a seeded run came to.
#[derive(Debug)]
pub struct Outcome {
    /// Sums over all executions.
    pub figures: Figures,
    /// The input that failed, if one did.
    pub found: Option<Vec<u8>>,
}

/// Runs inputs of `target` made from `seed`.
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
        target.generate(seed, number, Length::Long, &mut bytes);
        let verdict = runner.judge(&bytes, false);
        figures.add(verdict.run.tally());
        let failed = verdict.failure.is_some();
        if let Some(counters) = &mut counters {
            counters.publish(&figures);
        }
        if failed {
            return Outcome { figures, found: Some(bytes) };
        }
    }
}

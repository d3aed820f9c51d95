//! A smaller input with the same failure.
//!
//! Keys become literal, what follows the failing operation goes, then runs of operations (delta
//! debugging: Zeller and Hildebrandt, 2002), then settings that are not the plainest. A candidate
//! is taken when its failure has the same identity.
//!
//! What it does not do: shrink keys, values and counts; survive an input that ends the process.

use std::time::{Duration, Instant};

use downbeat::run::Explained;
use downbeat::{AnyTarget, Failure, Runner};

/// Time for one finding.
const TIME: Duration = Duration::from_secs(10);

/// A failing input, shrunk.
#[derive(Debug)]
pub(super) struct Shrunk {
    pub(super) bytes: Vec<u8>,
    pub(super) failure: Failure,
    /// Operations with literal keys, and what happened at each; the last is the failing one.
    pub(super) history: Vec<Explained>,
    pub(super) operations_before: usize,
    pub(super) operations: usize,
    pub(super) candidates: u64,
    pub(super) time: Duration,
    /// Whether the input failed again at all.
    pub(super) repeated: bool,
}

impl Shrunk {
    /// An input that is not run again.
    pub(super) fn as_found(target: &dyn AnyTarget, bytes: &[u8], failure: Failure) -> Self {
        let operations = target.count_operations(bytes);
        Shrunk {
            bytes: bytes.to_owned(),
            failure,
            history: Vec::new(),
            operations_before: operations,
            operations,
            candidates: 0,
            time: Duration::ZERO,
            repeated: false,
        }
    }
}

/// Shrinks `bytes`, as far as [`TIME`] allows.
pub(super) fn shrink(target: &'static dyn AnyTarget, bytes: &[u8], canary: bool) -> Shrunk {
    let start = Instant::now();
    let mut shrinker = Shrinker::new(target, canary);
    let Some(failure) = shrinker.judge(bytes) else {
        let message = "run: an input that failed in the driver does not fail again";
        let failure = Failure::panicked(target.name(), message, "", None);
        return Shrunk::as_found(target, bytes, failure);
    };
    let mut best = shrinker.with_literal_keys(bytes, &failure);
    shrinker.drop_operations(&mut best, &failure, start);
    shrinker.plain_settings(&mut best, &failure);
    let verdict = shrinker.runner.judge(&best, true);
    let history = verdict.run.explanation().to_vec();
    let failure = verdict.failure.map_or(failure, |failure| *failure);
    Shrunk {
        failure,
        history,
        operations_before: target.count_operations(bytes),
        operations: target.count_operations(&best),
        bytes: best,
        candidates: shrinker.candidates,
        time: start.elapsed(),
        repeated: true,
    }
}

struct Shrinker {
    target: &'static dyn AnyTarget,
    runner: Box<dyn Runner>,
    candidates: u64,
}

impl Shrinker {
    fn new(target: &'static dyn AnyTarget, canary: bool) -> Self {
        let mut runner = target.runner();
        runner.set_canary(canary);
        Shrinker { target, runner, candidates: 0 }
    }

    fn judge(&mut self, bytes: &[u8]) -> Option<Failure> {
        self.candidates += 1;
        self.runner.judge(bytes, false).failure.map(|failure| *failure)
    }

    fn fails_alike(&mut self, bytes: &[u8], failure: &Failure) -> bool {
        self.judge(bytes).is_some_and(|other| other.identity == failure.identity)
    }

    /// The operations that were applied, with the keys that they meant; where one was impossible,
    /// those that it became.
    fn with_literal_keys(&mut self, bytes: &[u8], failure: &Failure) -> Vec<u8> {
        let history = self.runner.judge(bytes, true).run.explanation().to_vec();
        let as_it_was = |line: &Explained| line.operation.clone();
        let as_it_became = |line: &Explained| line.became.clone().unwrap_or(as_it_was(line));
        let settings = self.target.show_settings(bytes);
        let text = |print: &dyn Fn(&Explained) -> String| {
            let operations: Vec<String> = history.iter().map(print).collect();
            format!("{settings}{}", operations.join("\n"))
        };
        for text in [text(&as_it_became), text(&as_it_was)] {
            if let Ok(literal) = self.target.encode(&text)
                && self.fails_alike(&literal, failure)
            {
                return literal;
            }
        }
        self.target.canonical(bytes)
    }

    fn drop_operations(&mut self, best: &mut Vec<u8>, failure: &Failure, start: Instant) {
        let mut count = self.target.count_operations(best);
        let mut chunk = count.div_ceil(2);
        while chunk > 0 {
            let mut dropped = false;
            // From the end: what follows the failing operation goes first.
            let mut to = count;
            while to > 0 && start.elapsed() < TIME {
                let from = to.saturating_sub(chunk);
                let candidate = self.target.without_operations(best, from, to);
                if self.fails_alike(&candidate, failure) {
                    *best = candidate;
                    count -= to - from;
                    dropped = true;
                }
                to = from;
            }
            if !dropped || chunk > 1 {
                chunk /= 2;
            }
            if start.elapsed() >= TIME {
                break;
            }
        }
    }

    /// Settings one by one to their plainest: a zero byte of the header.
    fn plain_settings(&mut self, best: &mut Vec<u8>, failure: &Failure) {
        for setting in 0..downbeat::model::encoding::HEADER_BYTES.min(best.len()) {
            let mut candidate = best.clone();
            candidate[setting] = 0;
            if candidate != *best && self.fails_alike(&candidate, failure) {
                *best = candidate;
            }
        }
    }
}

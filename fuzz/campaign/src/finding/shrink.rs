//! A smaller input with the same failure.
//!
//! Keys become literal, what follows the failing operation goes, then runs of operations (delta
//! debugging: Zeller and Hildebrandt, 2002), then settings that are not the plainest. A candidate
//! is taken when its failure has the same identity.
//!
//! Every candidate runs on a new world, so what is filed fails by itself.
//!
//! What it does not do: shrink keys, values and counts; survive a candidate that hangs or ends the
//! process though its origin did not.

use std::sync::atomic::{AtomicBool, Ordering};
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

/// Shrinks `bytes`, as far as [`TIME`] and `stop` allow.
pub(super) fn shrink(
    target: &'static dyn AnyTarget,
    bytes: &[u8],
    canary: bool,
    stop: &AtomicBool,
) -> Shrunk {
    let start = Instant::now();
    let mut shrinker = Shrinker::new(target, canary, start, stop);
    let Some(failure) = shrinker.judge(bytes) else {
        let what = "an input that failed in another process passes in this one".to_owned();
        let failure = Failure::without_verdict(target.name(), "not-repeated", what);
        return Shrunk::as_found(target, bytes, failure);
    };
    let mut best = shrinker.with_literal_keys(bytes, &failure);
    shrinker.keep_suffix(&mut best, &failure);
    shrinker.drop_operations(&mut best, &failure);
    shrinker.plain_settings(&mut best, &failure);
    shrinker.runner.renew();
    let verdict = shrinker.runner.judge(&best, true);
    let history = verdict.run.explanation().to_vec();
    let failure = *verdict.failure.expect("on a new world, an input does what it did on another");
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

/// Whether an input fails as another did, on a new world.
pub(super) fn fails_alike(
    target: &'static dyn AnyTarget,
    bytes: &[u8],
    failure: &Failure,
    canary: bool,
) -> bool {
    let mut runner = target.runner();
    runner.set_canary(canary);
    let verdict = runner.judge(bytes, false);
    verdict.failure.is_some_and(|other| other.identity == failure.identity)
}

struct Shrinker<'a> {
    target: &'static dyn AnyTarget,
    runner: Box<dyn Runner>,
    candidates: u64,
    start: Instant,
    stop: &'a AtomicBool,
}

impl<'a> Shrinker<'a> {
    fn new(
        target: &'static dyn AnyTarget,
        canary: bool,
        start: Instant,
        stop: &'a AtomicBool,
    ) -> Self {
        let mut runner = target.runner();
        runner.set_canary(canary);
        Shrinker { target, runner, candidates: 0, start, stop }
    }

    /// Judges a candidate on a new world: what a run left behind must not make the next one fail.
    fn judge(&mut self, bytes: &[u8]) -> Option<Failure> {
        self.candidates += 1;
        self.runner.renew();
        self.runner.judge(bytes, false).failure.map(|failure| *failure)
    }

    fn fails_alike(&mut self, bytes: &[u8], failure: &Failure) -> bool {
        self.judge(bytes).is_some_and(|other| other.identity == failure.identity)
    }

    fn may_go_on(&self) -> bool {
        self.start.elapsed() < TIME && !self.stop.load(Ordering::Relaxed)
    }

    /// The operations that were applied, with the keys that they meant; where one was impossible,
    /// those that it became.
    fn with_literal_keys(&mut self, bytes: &[u8], failure: &Failure) -> Vec<u8> {
        self.runner.renew();
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

    /// The last few operations alone, where they suffice.
    fn keep_suffix(&mut self, best: &mut Vec<u8>, failure: &Failure) {
        let count = self.target.count_operations(best);
        let mut suffix = 1;
        while suffix < count && self.may_go_on() {
            let candidate = self.target.without_operations(best, 0, count - suffix);
            if self.fails_alike(&candidate, failure) {
                *best = candidate;
                return;
            }
            suffix *= 2;
        }
    }

    fn drop_operations(&mut self, best: &mut Vec<u8>, failure: &Failure) {
        let mut count = self.target.count_operations(best);
        let mut chunk = count.div_ceil(2);
        while chunk > 0 && self.may_go_on() {
            let mut dropped = false;
            // From the end: what follows the failing operation goes first.
            let mut to = count;
            while to > 0 && self.may_go_on() {
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

#[cfg(test)]
mod tests {
    use downbeat::model::encoding::{Header, Key};
    use downbeat::model::operations;
    use downbeat::targets::Entry;
    use downbeat::{Budget, Divergence, Run, Target, World};

    use super::*;

    operations! {
        settings [];

        /// The one operation of a world that leaks.
        pub enum Operation {
            /// Counts.
            0 "put" Write 1 => Put { key: Key },
        }
    }

    /// A world that forgets to start anew, and fails at the tenth operation of its life.
    struct Leaking(u64);

    impl World for Leaking {
        type Operation = Operation;

        fn new() -> Self {
            Leaking(0)
        }

        fn open(&mut self, _header: &Header, _run: &mut Run) {}

        fn apply(&mut self, _operation: &Operation, _run: &mut Run) -> Result<(), Divergence> {
            self.0 += 1;
            assert!(self.0 < 10, "leaking: the tenth operation");
            Ok(())
        }

        fn finish(&mut self, _run: &mut Run) -> Result<(), Divergence> {
            Ok(())
        }
    }

    struct LeakingTarget;

    impl Target for LeakingTarget {
        const NAME: &'static str = "leaking";
        const ABOUT: &'static str = "a world that is not opened anew";
        const EVENTS: &'static [&'static str] = &[];
        const BUDGET: Budget = Budget { steps: 1 << 10, input_bytes: 64 };
        type Operation = Operation;
        type World = Leaking;
    }

    static TARGET: Entry<LeakingTarget> = Entry::ROW;

    fn puts(count: usize) -> Vec<u8> {
        TARGET.encode(&"put 1\n".repeat(count)).expect("well-formed")
    }

    #[test]
    fn what_is_filed_fails_by_itself_whatever_ran_before() {
        let shrunk = shrink(&TARGET, &puts(25), false, &AtomicBool::new(false));
        assert_eq!(shrunk.operations, 10, "fewer fail only on a world that was used");
        assert!(fails_alike(&TARGET, &shrunk.bytes, &shrunk.failure, false));
    }

    #[test]
    fn an_input_that_fails_only_after_others_is_said_to() {
        let shrunk = shrink(&TARGET, &puts(9), false, &AtomicBool::new(false));
        assert_eq!(shrunk.failure.check, "leaking/run-not-repeated");
        assert_eq!(shrunk.bytes, puts(9));
    }
}

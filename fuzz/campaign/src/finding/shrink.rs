//! A failing input and what became of it: judged again, then made smaller by trials in a process of
//! their own.
//!
//! Invariants: what is filed failed by itself, on a new world, when it was run last; however the
//! search ends (its time, an interruption), the smallest input so far is what is left of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::program::Program;
use anyhow::Result;
use downbeat_protocol::Failure;
use downbeat_protocol::message::Tried;
use downbeat_protocol::{Explained, MEMORY};

use super::FailureKind;
use crate::driver::HANG;
use crate::judge::{Judge, Judged, Verdict};

/// Time for one finding, unless somebody says otherwise.
pub const TIME: Duration = Duration::from_secs(10);

/// Time after which an input whose driver waited for it long enough is believed to hang.
const HANG_BELIEVED: Duration = Duration::from_secs(2);

/// What a candidate may take beyond twice what the original took: a busy machine is no hang.
const LIMIT: Duration = Duration::from_secs(1);

/// The same where the original hangs, beyond what it took until then: each candidate that hangs, too,
/// takes all of it.
const LIMIT_OF_HANG: Duration = Duration::from_millis(250);

/// What is filed as a hang must have hung for this many times the limit of a candidate.
const HANG_CONFIRMED: u32 = 4;

/// Where the original takes too much memory, a candidate may take this part of what the original may,
/// because it takes the time to fill it; what is filed must have taken all.
const MEMORY_PART: u64 = 16;

/// Nobody sets it.
static NEVER: AtomicBool = AtomicBool::new(false);

/// A failing input, shrunk or not.
#[derive(Clone, Debug)]
pub(super) struct Shrunk {
    pub(super) bytes: Vec<u8>,
    pub(super) failure: Failure,
    /// Operations with literal keys, and what happened at each; the last is the failing one.
    pub(super) history: Vec<Explained>,
    pub(super) operations_before: usize,
    pub(super) operations: usize,
    pub(super) candidates: u64,
    pub(super) time: Duration,
    pub(super) how: How,
}

/// How far an input was shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It did not fail again, or must not be run.
    NotRepeated,
    /// It failed again; nothing is tried yet.
    NotYet,
    /// As far as the shrinker can.
    ToTheEnd,
    /// As far as time allowed.
    TimeOver,
    /// As far as somebody let it.
    Interrupted,
}

/// What the first run came to.
#[derive(Debug)]
pub(super) struct First {
    pub(super) shrunk: Shrunk,
    /// Time that a candidate may take.
    pub(super) limit: Duration,
}

impl First {
    /// Whether the input failed again.
    pub(super) fn repeated(&self) -> bool {
        self.shrunk.how != How::NotRepeated
    }
}

/// Runs an input that is said to fail.
pub(super) fn first(
    target: &Program,
    judge: &mut Judge<'_>,
    bytes: &[u8],
    kind: FailureKind,
    stop: &AtomicBool,
) -> Result<First> {
    let limit = match kind {
        FailureKind::Crash | FailureKind::Memory => HANG + Duration::from_secs(1),
        FailureKind::Hang => HANG_BELIEVED,
    };
    let Judged { verdict, history, reached, took, .. } = judge.judge(bytes, true, limit, stop)?;
    let unrepeated = |check: &str, what: &str| {
        (Failure::without_verdict(target.name(), check, what.to_owned()), How::NotRepeated)
    };
    let (failure, how) = match (verdict, kind) {
        (Verdict::Fails(failure), _) => (failure, How::NotYet),
        (Verdict::Stopped, _) => unrepeated("interrupted", "an input that failed in the driver"),
        (Verdict::Passes, FailureKind::Crash) => {
            unrepeated("not-repeated", "an input that failed in the driver passes on a new world")
        }
        (Verdict::Passes, FailureKind::Hang) => {
            unrepeated("hang", &format!("one input took more than {} s", HANG.as_secs()))
        }
        (Verdict::Passes, FailureKind::Memory) => {
            unrepeated("memory", "one input took too much memory")
        }
    };
    let limit = match hangs(&failure) {
        true => LIMIT_OF_HANG + 2 * reached,
        false => LIMIT + 2 * took,
    };
    let operations = target.canonical(bytes)?.operations;
    let shrunk = Shrunk {
        bytes: bytes.to_owned(),
        failure,
        history,
        operations_before: operations,
        operations,
        candidates: 0,
        time: Duration::ZERO,
        how,
    };
    Ok(First { shrunk, limit: limit.min(HANG) })
}

/// Shrinks an input that failed again, for `time` at most or until `stop` is set.
pub(super) fn shrink(
    target: &Program,
    judge: &mut Judge<'_>,
    first: &First,
    time: Duration,
    stop: &AtomicBool,
) -> Result<Shrunk> {
    let First { shrunk: original, limit } = first;
    let start = Instant::now();
    // Also after an interruption: what is filed says what happens.
    let last_limit = match hangs(&original.failure) {
        true => (HANG_CONFIRMED * *limit).min(HANG),
        false => *limit,
    };
    let last_takes = if hangs(&original.failure) { last_limit } else { Duration::ZERO };
    if original.failure.check.ends_with("/run-memory") {
        judge.renew(MEMORY / MEMORY_PART);
        // A world that needs as much for nothing fails whatever it is told.
        if !matches!(judge.judge(&[], false, *limit, stop)?.verdict, Verdict::Passes) {
            judge.renew(MEMORY);
        }
    }
    let mut trials = Candidates {
        judge,
        identity: &original.failure.identity,
        limit: *limit,
        until: start + time.saturating_sub(last_takes).max(time / 2),
        stop,
        tried: 0,
        error: None,
    };
    let (bytes, ended) = target
        .shrink(&original.bytes, &mut |candidate, explain| trials.attempt(candidate, explain))?;
    let Candidates { tried, error, .. } = trials;
    if let Some(error) = error {
        return Err(error);
    }
    // A process that said nothing yet: what it says is of this input.
    judge.renew(MEMORY);
    let judged = judge.judge(&bytes, true, last_limit, &NEVER)?;
    let how = match ended {
        true => How::ToTheEnd,
        false if stop.load(Ordering::Relaxed) => How::Interrupted,
        false => How::TimeOver,
    };
    let shrunk = Shrunk { candidates: tried, time: start.elapsed(), how, ..original.clone() };
    Ok(match judged.verdict {
        Verdict::Fails(failure) if failure.identity == original.failure.identity => Shrunk {
            operations: target.canonical(&bytes)?.operations,
            bytes,
            failure,
            history: judged.history,
            ..shrunk
        },
        // It fails at times: nothing that was tried says more than the original.
        _ => shrunk,
    })
}

/// Whether an input fails as another did.
pub(super) fn fails_alike(
    judge: &mut Judge<'_>,
    bytes: &[u8],
    failure: &Failure,
    limit: Duration,
) -> Result<bool> {
    let judged = judge.judge(bytes, false, limit, &NEVER)?;
    Ok(matches!(judged.verdict, Verdict::Fails(other) if other.identity == failure.identity))
}

fn hangs(failure: &Failure) -> bool {
    failure.has_no_verdict() && failure.check.ends_with("/run-hang")
}

/// Candidates in the process that judges.
struct Candidates<'a, 'p> {
    judge: &'a mut Judge<'p>,
    identity: &'a str,
    limit: Duration,
    until: Instant,
    stop: &'a AtomicBool,
    tried: u64,
    /// Why no more can be tried.
    error: Option<anyhow::Error>,
}

impl Candidates<'_, '_> {
    /// What comes of a candidate, or with `explain` what happens in it.
    fn attempt(&mut self, candidate: &[u8], explain: bool) -> Tried {
        if self.error.is_some() || self.stop.load(Ordering::Relaxed) || Instant::now() >= self.until
        {
            return Tried::Over;
        }
        self.tried += 1;
        match self.judge.judge(candidate, explain, self.limit, self.stop) {
            Err(error) => {
                self.error = Some(error);
                Tried::Over
            }
            Ok(Judged { verdict: Verdict::Stopped, .. }) => Tried::Over,
            Ok(judged) if explain => Tried::Explained(judged.history),
            Ok(Judged { verdict: Verdict::Fails(failure), .. })
                if failure.identity == self.identity =>
            {
                Tried::Alike(failure.operation.map(|(number, _)| number))
            }
            Ok(_) => Tried::Otherwise,
        }
    }
}

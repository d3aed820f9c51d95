//! Shrinks a failing input: runs it again, then tries smaller candidates in a separate process.
//!
//! - The result is run once more, in a new world, and fails there.
//! - If the time is up or the search is interrupted, the result is the smallest failing input so
//!   far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::program::Program;
use anyhow::Result;
use downbeat_protocol::Failure;
use downbeat_protocol::message::Tried;
use downbeat_protocol::{Explained, MEMORY};

use super::FailureKind;
use super::wanted::Search;
use crate::driver::HANG;
use crate::judge::{Judge, Judged, Verdict};

/// The default time limit for one finding.
pub const TIME: Duration = Duration::from_secs(10);

/// The time limit of the first run of an input that hung in the driver. It is short, because the
/// driver has already waited for the input.
const HANG_BELIEVED: Duration = Duration::from_secs(2);

/// The time that a candidate may take in addition to twice the time of the original input, so that
/// a slow run on a busy machine is not taken for a hang.
const LIMIT: Duration = Duration::from_secs(1);

/// Replaces [`LIMIT`] if the original input hangs: the time that a candidate may take in addition
/// to twice the time that the original took to reach its last operation. This time is short,
/// because each candidate that hangs takes all of it.
const LIMIT_OF_HANG: Duration = Duration::from_millis(250);

/// The shrunk input of a hang must hang for this multiple of a candidate's time limit.
const HANG_CONFIRMED: u32 = 4;

/// If the original input takes too much memory, the memory limit of candidates is divided by this,
/// because filling memory takes time. The shrunk input must exceed the full limit.
const MEMORY_PART: u64 = 16;

/// A flag that is never set.
static NEVER: AtomicBool = AtomicBool::new(false);

/// A failing input, shrunk or not.
#[derive(Clone, Debug)]
pub(super) struct Shrunk {
    pub(super) bytes: Vec<u8>,
    pub(super) failure: Failure,
    /// The operations with literal keys, and what happened at each. The last one fails.
    pub(super) history: Vec<Explained>,
    pub(super) operations_before: usize,
    pub(super) operations: usize,
    pub(super) candidates: u64,
    pub(super) time: Duration,
    pub(super) how: How,
    /// Whether the input shows the bug that is searched for; true if any bug is.
    pub(super) is_wanted: bool,
    /// How many of [`rate::RUNS`](super::rate::RUNS) runs fail; `None` if they were not made.
    pub(super) failed_again: Option<u32>,
}

/// How far an input was shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The input did not fail again, or its first run was interrupted.
    NotRepeated,
    /// The input failed again; no candidate has been tried.
    NotYet,
    /// The shrinker has no more candidates.
    ToTheEnd,
    /// The time limit was reached.
    TimeOver,
    /// The user interrupted.
    Interrupted,
}

/// The result of the first run.
#[derive(Debug)]
pub(super) struct First {
    pub(super) shrunk: Shrunk,
    /// The time limit of a candidate.
    pub(super) limit: Duration,
}

impl First {
    /// Whether the input failed again.
    pub(super) fn repeated(&self) -> bool {
        self.shrunk.repeated()
    }

    /// Whether a smaller input is of use.
    pub(super) fn is_worth_shrinking(&self) -> bool {
        self.repeated() && self.shrunk.is_wanted
    }

    /// Whether the input hangs.
    pub(super) fn hangs(&self) -> bool {
        hangs(&self.shrunk.failure)
    }
}

impl Shrunk {
    /// Whether the input failed again.
    pub(super) fn repeated(&self) -> bool {
        self.how != How::NotRepeated
    }
}

/// Runs an input that failed in a driver.
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
        (Verdict::Stopped, _) => unrepeated("interrupted", "the run was interrupted"),
        (Verdict::Passes, FailureKind::Crash) => {
            unrepeated("not-repeated", "an input that failed in the driver passes in a new world")
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
        is_wanted: true,
        failed_again: None,
    };
    Ok(First { shrunk, limit: limit.min(HANG) })
}

/// Decides whether an input shows the bug that is searched for.
pub(super) fn decide(
    first: &mut First,
    search: Option<&mut Search<'_>>,
    stop: &AtomicBool,
) -> Result<()> {
    let First { shrunk, limit } = first;
    if let Some(search) = search {
        shrunk.is_wanted = search.is_it(&shrunk.bytes, &shrunk.failure, *limit, stop)?;
    }
    Ok(())
}

/// Shrinks an input that failed again, for `time` at most or until `stop` is set. A smaller input
/// shows the bug that is searched for, too.
pub(super) fn shrink(
    target: &Program,
    judge: &mut Judge<'_>,
    search: Option<&mut Search<'_>>,
    first: &First,
    time: Duration,
    stop: &AtomicBool,
) -> Result<Shrunk> {
    let First { shrunk: original, limit } = first;
    let start = Instant::now();
    // The result runs once more, even after an interruption, because its report shows what happens.
    let last_limit = match hangs(&original.failure) {
        true => (HANG_CONFIRMED * *limit).min(HANG),
        false => *limit,
    };
    let last_takes = if hangs(&original.failure) { last_limit } else { Duration::ZERO };
    if original.failure.check.ends_with("/run-memory") {
        judge.renew(MEMORY / MEMORY_PART);
        // If an empty input exceeds the reduced limit, every input does.
        if !matches!(judge.judge(&[], false, *limit, stop)?.verdict, Verdict::Passes) {
            judge.renew(MEMORY);
        }
    }
    let mut trials = Candidates {
        judge,
        search,
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
    // The last run is in a new process, so that the output of the process belongs to this input.
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
        // The input fails only sometimes, so no candidate is better than the original.
        _ => shrunk,
    })
}

/// Whether an input fails with the identity of `failure`.
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

/// Tries candidates with a judge.
struct Candidates<'a, 'p, 's> {
    judge: &'a mut Judge<'p>,
    search: Option<&'a mut Search<'s>>,
    identity: &'a str,
    limit: Duration,
    until: Instant,
    stop: &'a AtomicBool,
    tried: u64,
    /// The error that ended the search.
    error: Option<anyhow::Error>,
}

impl Candidates<'_, '_, '_> {
    /// Tries a candidate. With `explain`, returns what happens at each of its operations.
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
                self.alike(candidate, failure)
            }
            Ok(_) => Tried::Otherwise,
        }
    }

    /// The verdict on a candidate that fails as the original does.
    fn alike(&mut self, candidate: &[u8], failure: Failure) -> Tried {
        let is_it = match &mut self.search {
            None => Ok(true),
            Some(search) => search.is_it(candidate, &failure, self.limit, self.stop),
        };
        match is_it {
            Ok(true) => Tried::Alike(failure.operation.map(|(number, _)| number)),
            Ok(false) => Tried::Otherwise,
            Err(error) => {
                self.error = Some(error);
                Tried::Over
            }
        }
    }
}

//! A search for one bug: which failing inputs show it.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use downbeat_protocol::Failure;

use crate::judge::Judge;
use crate::program::Program;

/// A bug that a campaign searches for. A finding that is not this bug is filed as its driver left
/// it, and not shrunk.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The checks that may report the bug.
    pub checks: &'a [String],
    /// A version of the program without the bug. An input that fails in both versions in the same
    /// way shows another bug.
    pub without_it: Option<&'a Program>,
}

/// Decides whether failing inputs show a bug.
pub(super) struct Search<'a> {
    checks: &'a [String],
    without_it: Option<Judge<'a>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(wanted: &Wanted<'a>) -> Self {
        let without_it = wanted.without_it.map(|program| Judge::new(program, false));
        Search { checks: wanted.checks, without_it }
    }

    /// Whether an input that fails with `failure` shows the bug. In the version without the bug it
    /// may fail with another check, or at another operation, and takes at most `limit`.
    pub(super) fn is_it(
        &mut self,
        bytes: &[u8],
        failure: &Failure,
        limit: Duration,
        stop: &AtomicBool,
    ) -> Result<bool> {
        if !self.checks.contains(&failure.check) {
            return Ok(false);
        }
        let Some(judge) = &mut self.without_it else { return Ok(true) };
        let judged = judge.judge(bytes, false, limit, stop)?;
        let place = |failure: &Failure| failure.operation.as_ref().map(|(number, _)| *number);
        Ok(judged.failure().is_none_or(|other| {
            // A run that was ended might have failed in the same way.
            !other.has_no_verdict()
                && (other.identity != failure.identity || place(other) != place(failure))
        }))
    }
}

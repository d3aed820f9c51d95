//! Runs inputs in the copy of the checkout, up to the first one that fails.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use downbeat_protocol::{Failure, Listing};

use super::checkout::Checkout;
use crate::build::{self, Speed};
use crate::driver::HANG;
use crate::inputs;
use crate::judge::{Judge, Verdict};
use crate::observer::Silent;

/// How inputs ran.
pub(crate) struct Replayed {
    /// The number of inputs that ran.
    pub(crate) executions: u64,
    /// The time that the inputs took.
    pub(crate) took: Duration,
    /// The failure of the last input that ran; `None` if all inputs pass.
    pub(crate) failure: Option<Failure>,
}

/// Builds a target's program in the copy, and runs the inputs in these files and folders. Returns
/// `None` if interrupted.
pub(crate) fn replay(
    checkout: &Checkout<'_>,
    target: &'static Listing,
    paths: &[PathBuf],
    stop: &AtomicBool,
) -> Result<Option<Replayed>> {
    let project = checkout.project();
    let program = build::plain_program(project, target, Speed::Soon, &mut Silent, stop)?;
    let start = Instant::now();
    let mut judge = Judge::reusing(&program);
    let mut executions = 0;
    let replayed =
        |executions, failure| Ok(Some(Replayed { executions, took: start.elapsed(), failure }));
    for path in paths {
        for file in inputs::files(path)? {
            let Ok(bytes) = inputs::read(&program, &file) else {
                bail!("{} is not an input of {}", file.display(), target.name);
            };
            executions += 1;
            match judge.judge(&bytes, false, HANG, stop)?.verdict {
                Verdict::Passes => {}
                Verdict::Stopped => return Ok(None),
                Verdict::Fails(failure) => {
                    return replayed(executions, Some(failure));
                }
            }
        }
    }
    replayed(executions, None)
}

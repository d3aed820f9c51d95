//! How often an input fails. An engine may have threads, so the same input need not fail each time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::shrink::Shrunk;
use crate::judge::{Judge, Verdict};

/// How often an input of an engine is run again.
pub(super) const RUNS: u32 = 20;

/// Runs the input [`RUNS`] times, each for at most `limit`, and returns how many runs fail: in the
/// same way, if the input failed again at all. `None` if `stop` is set.
pub(super) fn failed_again(
    judge: &mut Judge<'_>,
    shrunk: &Shrunk,
    limit: Duration,
    stop: &AtomicBool,
) -> Result<Option<u32>> {
    let mut failed = 0;
    for _ in 0..RUNS {
        let judged = judge.judge(&shrunk.bytes, false, limit, stop)?;
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        failed += match judged.verdict {
            Verdict::Fails(other) => {
                u32::from(!shrunk.repeated() || other.identity == shrunk.failure.identity)
            }
            _ => 0,
        };
    }
    Ok(Some(failed))
}

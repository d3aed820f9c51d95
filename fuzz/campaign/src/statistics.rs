//! Counts what a set of inputs does.

use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};
use downbeat_protocol::statistics::Statistics;

use crate::driver::HANG;
use crate::judge::{Judge, Verdict};
use crate::program::Program;

/// Runs inputs and adds up their figures. Ends at the first input that fails.
///
/// # Errors
///
/// Returns an error if no process can be started, or `stop` was set.
pub fn gather(
    program: &Program,
    inputs: impl IntoIterator<Item = Vec<u8>>,
    stop: &AtomicBool,
) -> Result<Statistics> {
    let mut statistics = Statistics::new();
    let mut judge = Judge::reusing(program);
    for input in inputs {
        let judged = judge.judge(&input, false, HANG, stop)?;
        match (judged.verdict, judged.tally) {
            (Verdict::Passes, Some(tally)) => statistics.add(input.len(), &tally),
            (Verdict::Fails(failure), _) => {
                statistics.failure = Some((statistics.inputs, failure));
                break;
            }
            _ => bail!("interrupted"),
        }
    }
    Ok(statistics)
}

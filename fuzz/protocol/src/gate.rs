//! The gate: decides whether a set of inputs is good enough, and if not, reports what is missing.
//!
//! A corpus must reach every goal of its target ([`crate::goals`]). Few of its operations may be
//! redirected, and many of its reads must find an item. Random inputs need only be dense: many of
//! their operations are effective, and few are redirected.

use crate::Facts;
use crate::goals;
use crate::statistics::Statistics;

/// The maximum share of operations that are redirected (inclusive).
pub const REDIRECTED_MAX: f64 = 0.20;

/// The minimum share of reads of a single item that find it (inclusive).
pub const HITS_MIN: f64 = 0.30;

/// The minimum number of effective operations in a random input of [`DENSE_BYTES`] or more, on
/// average (inclusive).
pub const EFFECTIVE_MIN: f64 = 100.0;

/// The minimum length in bytes of the random inputs to which [`EFFECTIVE_MIN`] applies. In shorter
/// inputs the header takes a large share.
pub const DENSE_BYTES: usize = 400;

/// Returns what is wrong with a corpus, one fault a line.
#[must_use]
pub fn corpus(facts: &Facts, statistics: &Statistics) -> Vec<String> {
    let missing = goals::missing(facts, &statistics.tally);
    let mut faults: Vec<String> =
        missing.into_iter().map(|goal| format!("no {}", goal.describe(facts))).collect();
    faults.extend(redirected(statistics));
    if let Some(hits) = statistics.hit_share().filter(|share| *share < HITS_MIN) {
        let (hits, least) = (percent(hits), percent(HITS_MIN));
        faults.push(format!("{hits} of reads hit; at least {least} must"));
    }
    faults
}

/// Returns what is wrong with random inputs of `bytes` bytes, one fault a line.
#[must_use]
pub fn random(bytes: usize, statistics: &Statistics) -> Vec<String> {
    let mut faults: Vec<String> = redirected(statistics).into_iter().collect();
    let mean = statistics.effective_mean();
    if bytes >= DENSE_BYTES && mean < EFFECTIVE_MIN {
        faults.push(format!("{mean:.1} effective ops per input; minimum {EFFECTIVE_MIN:.0}"));
    }
    faults
}

fn redirected(statistics: &Statistics) -> Option<String> {
    let share = statistics.redirected_share();
    (share > REDIRECTED_MAX).then(|| {
        format!("{} of ops redirected; the maximum is {}", percent(share), percent(REDIRECTED_MAX))
    })
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

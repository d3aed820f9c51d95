//! When a set of inputs is good enough: what is wrong with one that is not.
//!
//! A corpus must reach every goal of its target ([`crate::goals`]), waste few operations, and find
//! something when it looks for it. Of random bytes nobody expects that; they must be dense: many
//! operations that take effect, few that are redirected.

use crate::Facts;
use crate::goals;
use crate::statistics::Statistics;

/// Of all operations, the share that may be redirected.
pub const REDIRECTED_MAX: f64 = 0.20;

/// Of the reads that ask for one thing, the share that must find it.
pub const HITS_MIN: f64 = 0.30;

/// Operations of a random input of [`DENSE_BYTES`] that must take effect, on average.
pub const EFFECTIVE_MIN: f64 = 100.0;

/// Bytes from which on a random input must be that dense: the header takes its share of less.
pub const DENSE_BYTES: usize = 400;

/// What is wrong with a corpus, a line each.
#[must_use]
pub fn corpus(facts: &Facts, statistics: &Statistics) -> Vec<String> {
    let missing = goals::missing(facts, &statistics.tally);
    let mut faults: Vec<String> =
        missing.into_iter().map(|goal| format!("no {}", goal.describe(facts))).collect();
    faults.extend(redirected(statistics));
    if let Some(hits) = statistics.hit_share().filter(|share| *share < HITS_MIN) {
        faults.push(format!("{} of reads hit, of {} or more", percent(hits), percent(HITS_MIN)));
    }
    faults
}

/// What is wrong with what random inputs of `bytes` bytes do, a line each.
#[must_use]
pub fn random(bytes: usize, statistics: &Statistics) -> Vec<String> {
    let mut faults: Vec<String> = redirected(statistics).into_iter().collect();
    let mean = statistics.effective_mean();
    if bytes >= DENSE_BYTES && mean < EFFECTIVE_MIN {
        faults.push(format!("{mean:.1} effective ops per input, of {EFFECTIVE_MIN:.0} or more"));
    }
    faults
}

fn redirected(statistics: &Statistics) -> Option<String> {
    let share = statistics.redirected_share();
    (share > REDIRECTED_MAX).then(|| {
        format!("{} of ops redirected, of {} or fewer", percent(share), percent(REDIRECTED_MAX))
    })
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

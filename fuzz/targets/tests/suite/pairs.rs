//! Pairs: a target answers questions about its phase without changing the run, and the targets have
//! enough pairs.

use std::sync::atomic::{AtomicU8, Ordering};

use downbeat::generator::{Length, Profile};
use downbeat::pairs::Counters;
use downbeat::protocol::pairs::PAIRS_MAX;
use downbeat_targets::TARGETS;

static COUNTERS: Counters = [const { AtomicU8::new(0) }; PAIRS_MAX];

/// Inputs of each target.
const INPUTS: u64 = 4;

#[test]
fn a_run_is_the_same_with_pairs() {
    for target in TARGETS {
        let (mut plain, mut guided) = (target.runner(), target.runner());
        guided.set_pairs(&COUNTERS);
        let mut bytes = Vec::new();
        for number in 0..INPUTS {
            target.generate(Profile::Swarm, 3, number, Length::Short, &mut bytes);
            let digest = plain.judge(&bytes, false).run.digest();
            assert_eq!(guided.judge(&bytes, false).run.digest(), digest, "{}", target.name());
        }
        let marked = COUNTERS.iter().filter(|counter| counter.swap(0, Ordering::Relaxed) > 0);
        assert!(marked.count() > 0, "{} combines nothing", target.name());
    }
}

#[test]
fn targets_have_thousands_of_pairs() {
    let counts: Vec<_> = TARGETS.iter().map(|it| (it.name(), it.pairs().count())).collect();
    let sum: usize = counts.iter().map(|(_, count)| count).sum();
    assert!(sum >= 2000, "{counts:?}");
}

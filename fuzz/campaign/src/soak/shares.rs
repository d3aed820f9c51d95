//! Shares: which target gets the next slice of the machine.
//!
//! A target's rate is what its last slices brought, new states and new edges, for each CPU second
//! that they took and that have passed on the target since the last news. The target with the
//! highest rate is next, with two exceptions:
//!
//! - A target without a slice comes first.
//! - A target that has waited for [`WAIT`] slices of each target comes next, because a change of
//!   another target's corpus says nothing about this one.
//!
//! A slice that ends with a finding is cut short, and the next slice on the target is likely to end
//! with the same finding. Therefore it counts as a slice without news of at least [`SHORTEST`].

use super::journal::Slice;

/// The slices whose news count.
const RECENT: usize = 4;

/// A target waits for at most this many slices of each target.
const WAIT: usize = 4;

/// The minimum CPU seconds of a slice with a finding.
const SHORTEST: f64 = 10.0;

/// What is known about a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Share {
    /// News and CPU seconds of the last [`RECENT`] slices, the latest last.
    recent: Vec<(u64, f64)>,
    /// CPU seconds on the target since the last news.
    pub(super) since_news: f64,
    /// The same, with [`SHORTEST`] for each slice with a finding.
    charged_since_news: f64,
    /// The most states and edges that a slice reached.
    pub(super) states: u64,
    pub(super) edges: u64,
    /// The number of the target's last slice among all slices, counted from 1; 0 if there is none.
    last: usize,
}

impl Share {
    /// Learns from slice number `number`, counted from 1. Returns the new states and edges.
    pub(super) fn learn(&mut self, slice: &Slice, number: usize) -> (u64, u64) {
        let states = slice.states.saturating_sub(self.states);
        let edges = slice.edges.saturating_sub(self.edges);
        (self.states, self.edges) = (self.states + states, self.edges + edges);
        self.last = number;
        let news = states + edges;
        self.since_news = if news > 0 { 0.0 } else { self.since_news + slice.cpu_seconds };
        let (news, charged) = match slice.findings.is_empty() {
            true => (news, slice.cpu_seconds),
            false => (0, slice.cpu_seconds.max(SHORTEST)),
        };
        self.charged_since_news = if news > 0 { 0.0 } else { self.charged_since_news + charged };
        self.recent.push((news, charged));
        if self.recent.len() > RECENT {
            self.recent.remove(0);
        }
        (states, edges)
    }

    /// News for each CPU second, as if one more had come. It falls with the time since the last
    /// news.
    fn rate(&self) -> f64 {
        let news: u64 = self.recent.iter().map(|(news, _)| news).sum();
        let cpu: f64 = self.recent.iter().map(|(_, cpu)| cpu).sum();
        (news + 1) as f64 / (cpu + self.charged_since_news).max(1.0)
    }
}

/// The index of the target that gets slice number `number`, counted from 1.
///
/// # Panics
///
/// If there is no target.
pub(super) fn next(shares: &[Share], number: usize) -> usize {
    let longest = (0..shares.len()).min_by_key(|index| shares[*index].last);
    let longest = longest.expect("there is a target");
    let last = shares[longest].last;
    if last == 0 || number - last > WAIT * shares.len() {
        return longest;
    }
    let rate = |index: &usize| shares[*index].rate();
    let best = (0..shares.len())
        .max_by(|a, b| rate(a).total_cmp(&rate(b)).then(shares[*b].last.cmp(&shares[*a].last)));
    best.expect("there is a target")
}

#[cfg(test)]
mod tests {
    use super::super::journal::tests::slice;
    use super::*;

    /// Runs `count` slices of a CPU second on targets that reach the states `states(target, slice)`.
    /// Returns the number of slices of each target.
    fn run(targets: usize, count: usize, states: impl Fn(usize, usize) -> u64) -> Vec<usize> {
        let mut shares = vec![Share::default(); targets];
        let mut slices = vec![0; targets];
        for number in 1..=count {
            let target = next(&shares, number);
            slices[target] += 1;
            shares[target].learn(&slice("", 1.0, states(target, slices[target])), number);
        }
        slices
    }

    #[test]
    fn a_target_that_brings_more_gets_more_and_no_target_starves() {
        let slices = run(4, 400, |target, slice| if target == 2 { 10 * slice as u64 } else { 5 });
        assert!(slices[2] > 300, "{slices:?}");
        assert!(slices.iter().all(|count| *count >= 20), "{slices:?}");
    }

    #[test]
    fn targets_without_news_take_turns() {
        let slices = run(5, 500, |_, _| 5);
        assert!(slices.iter().all(|count| (80..=120).contains(count)), "{slices:?}");
    }

    #[test]
    fn a_target_with_a_finding_does_not_hold_the_others_up() {
        let mut shares = vec![Share::default(); 2];
        let mut slices = [0; 2];
        for number in 1..=100 {
            let target = next(&shares, number);
            slices[target] += 1;
            let mut slice = slice("", 1.0, 5);
            if target == 0 {
                (slice.cpu_seconds, slice.findings) = (0.1, vec!["a".to_owned()]);
            }
            shares[target].learn(&slice, number);
        }
        assert!(slices[0] < 30 && slices[0] > 5, "{slices:?}");
    }
}
